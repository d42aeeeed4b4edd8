import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRule, counted, SPLIT } from "../../../support/mlRuleCases.ts";

const MAIN = '\nif __name__ == "__main__":\n    main()';
const TRAINING = "for x, y in loader:\n    f(model(x), y).backward()\n    optimizer.step()\n";

checkRule("fit-before-split", {
  bad: [
    [1, `X = StandardScaler().fit_transform(X)\n${SPLIT}`],
    [2, `scaler = MinMaxScaler()\nX = scaler.fit_transform(X)\n${SPLIT}`],
    [1, `pca = PCA(2).fit(X)\nX = pca.transform(X)\n${SPLIT}`],
    [1, `X, y = RandomOverSampler().fit_resample(X, y)\n${SPLIT}`],
    [1, `X = SimpleImputer().fit_transform(X)\ncross_val_score(model, X, y, cv=5)`],
    [2, `${SPLIT}\na, c = SMOTE().fit_resample(a, c)\ncross_val_score(model, a, c)`],
    [2, `scaler = StandardScaler()\nZ = scaler.fit_transform(X)\n${SPLIT}\na = scaler.transform(a)`],
    [
      1,
      `Z = pd.DataFrame(StandardScaler().fit_transform(X), columns=names)\na, b = train_test_split(Z, random_state=1)`,
    ],
    [1, "cross_val_score(model, StandardScaler().fit_transform(X), y)"],
    [1, "X = StandardScaler().fit_transform(X)\nsearch = GridSearchCV(SVC(), grid)\nsearch.fit(X, y)"],
    [2, "scaler = StandardScaler()\nZ = scaler.fit_transform(X)\nGridSearchCV(SVC(), grid, cv=5).fit(Z, y)"],
    [
      1,
      "scaler = MinMaxScaler().fit(X)\nZ = scaler.transform(X)\nsearch = RandomizedSearchCV(SVC(), grid).fit(X=Z, y=y)",
    ],
    [2, "scaler = StandardScaler()\nX_scaled = scaler.fit_transform(X)\nscores = cross_val_score(model, X_scaled, y)"],
    [1, `X = SelectKBest(k=9).fit_transform(X, y)\ncv = KFold(5)\nfor i, j in cv.split(X):\n    pass`],
  ],
  good: [
    `${SPLIT}\na = StandardScaler().fit_transform(a)`,
    `pca = PCA(2).fit(X)\nplot(pca.components_)\n${SPLIT}`,
    `pca = PCA(2).fit(X)\n${SPLIT}\npca = model["pca"]\npca.transform(b)`,
    `X = StandardScaler().fit_transform(X)\nX, y = load()\n${SPLIT}`,
    `y = LabelEncoder().fit_transform(y)\n${SPLIT}`,
    `X = Normalizer().fit_transform(X)\n${SPLIT}`,
    `X = HashingVectorizer().fit_transform(texts)\n${SPLIT}`,
    `X = FunctionTransformer(np.log1p).fit_transform(X)\n${SPLIT}`,
    `model = make_pipeline(StandardScaler(), Ridge())\ncross_val_score(model, X, y)`,
    "search = GridSearchCV(make_pipeline(StandardScaler(), SVC()), grid)\nsearch.fit(X, y)",
    `${SPLIT}\nscaler = StandardScaler()\na = scaler.fit_transform(a)\nGridSearchCV(SVC(), grid).fit(a, c)`,
    "X = PCA(15).fit_transform(X)\nsearch = GridSearchCV(KernelDensity(), grid)\nsearch.fit(X)",
    "Z = StandardScaler().fit_transform(X)\nplot(Z)\ncross_val_score(model, X, y)",
    `scaler = StandardScaler()\nZ = scaler.fit_transform(X)\nplot(Z)\n${SPLIT}`,
    `v = TfidfVectorizer().fit_transform(texts)\nwords = text.split(v)`,
    `${SPLIT}\na = StandardScaler().fit_transform(a)\na, e, c, f = train_test_split(a, c, random_state=1)`,
  ],
});

checkRule("statistics-before-split", {
  bad: [
    [1, `X = (X - X.mean()) / X.std()\n${SPLIT}`],
    [1, `y = y / y.max()\n${SPLIT}`],
    [1, `X = X.fillna(X.mean(numeric_only=True))\n${SPLIT}`],
    [1, `X["age"] = X["age"].fillna(X["age"].median())\n${SPLIT}`],
    [1, `X["age"].fillna(X["age"].mode()[0], inplace=True)\n${SPLIT}`],
    [2, `m = X["age"].mean()\nX = X.fillna(value=m)\n${SPLIT}`],
    [1, `X["age"] = X["age"].fillna(X.groupby("sex")["age"].transform("median"))\n${SPLIT}`],
    [
      1,
      `df["te"] = df.groupby("city")["y"].transform("mean")\na, b, c, d = train_test_split(df[["te"]], df["y"], random_state=1)`,
    ],
    [1, `m = df.groupby("city").y.mean()\ndf["te"] = df.city.map(m)\ncross_val_score(model, df[["te"]], df["y"])`],
  ],
  good: [
    `X = X / 255\n${SPLIT}`,
    `X = X / X.max()\nparts = split(X, sizes)`,
    `share = X.mean() / 2\n${SPLIT}`,
    `X = X.fillna(0)\n${SPLIT}`,
    `X = X.fillna(X.mean(axis=1))\n${SPLIT}`,
    `Z = X.fillna(X.mean())\n${SPLIT}`,
    `${SPLIT}\na = a.fillna(a.mean())\na, e = train_test_split(a, random_state=1)`,
    `X = X.fillna(X_train.mean())\n${SPLIT}`,
    `df["lag"] = df.groupby("city")["y"].shift(1)\na, b, c, d = train_test_split(df[["lag"]], df["y"], random_state=1)`,
    `df["te"] = df.groupby("city")["rent"].transform("mean")\na, b, c, d = train_test_split(df[["te"]], df["y"], random_state=1)`,
    `a, b = train_test_split(df, random_state=1)\nm = a.groupby("city")["y"].mean()\nmodel.fit(a[["te"]], a["y"])`,
  ],
});

checkRule("choose-by-test-data", {
  bad: [
    [1, "model.fit(a, b, validation_data=(x_test, y_test))"],
    [1, "model.fit(a, b, eval_set=[(X_test, y_test)])"],
    [1, "trainer = Trainer(model, eval_dataset=test_set)"],
    [1, "booster = xgb.train(p, dtrain, evals=[(dtest, 'test')], early_stopping_rounds=9)"],
    [1, "trainer.fit(model, train_loader, test_loader)"],
    [
      3,
      "for c in (1, 10):\n    score = SVC(C=c).fit(X_train, y_train).score(X_test, y_test)\n    if score > best:\n        best, best_model = score, model",
    ],
    [
      2,
      "scores = {name: search.score(X_test, y_test) for name, search in searches.items()}\nwinner = max(scores, key=scores.get)",
    ],
    [
      3,
      "for model in models:\n    results.append((model.score(X_test, y_test), model))\nbest = max(results, key=lambda pair: pair[0])",
    ],
    [
      3,
      'for e in range(9):\n    acc = evaluate(model, test_loader)\n    if acc > best:\n        torch.save(model.state_dict(), "best.pt")',
    ],
    [
      3,
      "for e in range(9):\n    test_loss = run(model)\n    if test_loss < best_loss:\n        best = copy.deepcopy(model.state_dict())",
    ],
    [
      5,
      "for e in range(9):\n    for x, y in test_loader:\n        hits += count(x, y)\n    acc = hits / n\n    if best_acc < acc:\n        save_checkpoint(model)",
    ],
  ],
  good: [
    "acc = model.score(X_test, y_test)\nif acc > best_acc:\n    best_acc = float(acc)",
    "score = model.score(X_val, y_val)\nif score > best:\n    best, best_model = score, model",
    "scores = {name: m.score(X_val, y_val) for name, m in models.items()}\nbest = max(scores, key=scores.get)",
    "test_scores = [m.score(X_test, y_test) for m in models]\nprint(max(test_scores))",
    'for e in range(9):\n    acc = evaluate(model, val_loader)\n    test_acc = evaluate(model, test_loader)\n    if acc > best:\n        torch.save(model, "best.pt")',
    'acc = evaluate(model, test_loader)\nif acc > best:\n    print("better than before")',
    "booster = xgb.train(p, dtrain, evals=[(dtest, 'test')])",
    "trainer.fit(model, train_loader, val_loader)",
    "model.fit(a, b, validation_data=(x_val, y_val))",
    "model.fit(a, b, validation_split=0.1)",
  ],
});

checkRule("joined-with-test-data", {
  bad: [
    [1, "df = pd.concat([train_df, test_df])"],
    [1, "X = np.vstack([X_train, X_test])\nscaler.fit(X)"],
    [1, "pca.fit(np.concatenate([X_train, X_test]))"],
  ],
  good: [
    "plot(np.concatenate([X_train, X_test]))",
    "rows.append([train_score, test_score])\nmodel.fit(rows)",
    "df = pd.concat([train_df, more_df])",
  ],
});

checkRule("no-validation", {
  bad: [
    [2, TRAINING],
    [3, `def main():\n    for x in loader:\n        loss(x).backward()\n        optimizer.step()${MAIN}`],
    [2, "model = Ridge()\nmodel.fit(X, y)\njoblib.dump(model, path)"],
    [2, `${TRAINING}parser.add_argument("--name", default="test")`],
    [2, `${TRAINING}wandb.init(name="dev", tags=["test"])`],
  ],
  good: [
    `${TRAINING}evaluate(model, val_loader)`,
    'for phase in ["train", "val"]:\n    for x in loaders[phase]:\n        loss(x).backward()\n        optimizer.step()',
    `${TRAINING}measure(model, splits["validation"])`,
    `${TRAINING}measure(model, load_dataset("mnist", split="test"))`,
    `${TRAINING}measure(model, ImageFolder(os.path.join(root, "val")))`,
    `${TRAINING}measure(model, ImageFolder(root / "val"))`,
    `${TRAINING}loaders = {part: make(part) for part in ("train", "val")}`,
    `${TRAINING}loaders = {"train": a, "val": b}`,
    "model = Ridge()\nmodel.fit(X, y)\nplot(model)",
    "encoder = LabelEncoder()\nencoder.fit(labels)\njoblib.dump(encoder, path)",
    "class Scaled(Function):\n    def backward(ctx, loss):\n        loss.backward()\n",
    "def train_epoch(loader):\n    for x in loader:\n        loss(x).backward()\n        optimizer.step()",
    `${TRAINING}discriminator(x)`,
    `${TRAINING}d_opt.step()`,
    `${TRAINING}save_image(decode(z), "sample.png")`,
    `from diffusers import UNet2DModel\n${TRAINING}`,
    `model = SkipGram(10_000, 100)\n${TRAINING}`,
    `criterion = NTXentLoss(0.5)\n${TRAINING}`,
    "import pytest\ndef test_trains():\n    for x in loader:\n        loss(x).backward()",
    'class O:\n    def step(self):\n        self.optimizer.step()\nif __name__ == "__main__":\n    O()',
  ],
});

checkRule("split-without-seed", {
  bad: [
    [1, "a, b = train_test_split(X)"],
    [1, "cv = ShuffleSplit(5)"],
    [1, "cv = StratifiedKFold(5, shuffle=True)"],
    [1, "a, b = random_split(data, [8, 2])"],
    [1, 'parts = load_dataset("imdb")["train"].train_test_split(test_size=0.1)'],
    [1, "a = df.sample(frac=0.8)\nb = df.drop(a.index)"],
    [1, "a = df.sample(n=80)\nb = df[~df.index.isin(a.index)]"],
    [1, "m = np.random.rand(len(df)) < 0.8\na, b = df, df\na = df[m]\nb = df.loc[~m]"],
    [1, "i = torch.randperm(n)\na, b = X[i[:9]], X[i[9:]]"],
  ],
  good: [
    'parts = load_dataset("imdb")["train"].train_test_split(test_size=0.1, seed=42)',
    "a, b = random_split(data, [8, 2], torch.Generator())",
    "a = df.sample(frac=0.8, random_state=1)\nb = df.drop(a.index)",
    "a = df.sample(frac=0.8)\nplot(a)",
    "rng = np.random.default_rng(1)\ni = rng.permutation(n)\na, b = X[i[:9]], X[i[9:]]",
    "m = np.random.rand(len(x)) < 0.8\nx = np.where(m, x, 0)",

    "a, b = train_test_split(X, random_state=0)",
    "np.random.seed(0)\na, b = train_test_split(X)",
    "torch.manual_seed(0)\na, b = random_split(data, [8, 2])",
    "a, b = train_test_split(X, **options)",
  ],
});

const EVALUATE = "def evaluate(model, loader):\n    for x, y in loader:\n        out = model(x)\n";

/** Comprehensions over batches whose values are learned from by who gets them. */
const LEARNED_ELSEWHERE = [
  "def meta_loss(model, batches):\n    return sum(F.mse_loss(model(x), y) for x, y in batches)\nmeta_loss(net, batches).backward()",
  "def step(self, batches):\n    self.outputs = [self.net(x) for x in batches]\ndef update(self):\n    stack(self.outputs).backward()",
  "def f(student, loader):\n    preds = [student.model(x) for x in loader]\n    loss = 0\n    for p, t in zip(preds, goals):\n        loss = loss + F.mse_loss(p, t)\n    return autograd.grad(loss, w)",
  "def collect(model, loader):\n    logits = torch.cat([model(x) for x in loader])\n    return logits",
  "def learn(outputs):\n    outputs.mean().backward()\nout = torch.stack([model(x) for x in batches])\nlearn(out)",
  "total = 0\ntotal += sum(model(x).mean() for x in loader)\ntotal.backward()",
  "self.kept.append([model(x) for x in loader])",
  "def each():\n    yield [model(x) for x in loader]",
].map((code) => `${TRAINING}${code}`);

checkRule("evaluation-in-training-mode", {
  bad: [
    [4, `${TRAINING}def validate(net, loader):\n    with torch.no_grad():\n        return [net(x) for x in loader]`],
    [4, `${TRAINING}for x, y in val_loader:\n    hits += (model(x).argmax(1) == y).sum()`],
    [4, `${TRAINING}def test_epoch(self):\n    for x in self.data:\n        self.model(x)`],
    [4, `${TRAINING}${EVALUATE}train(train_loader)`],
    [4, `${TRAINING}preds = [model(x).argmax(1) for x, _ in test_loader]`],
    [4, `${TRAINING}out = torch.cat([model(x) for x in loader])`],
    [4, `${TRAINING}hits = sum((model(x).argmax(1) == y).sum() for x, y in val_dl)`],
    [4, `${TRAINING}scores = {key: [net(x) for x in batches] for key, batches in parts.items()}`],
    [
      5,
      `${TRAINING}def accuracy(model):\n    return np.mean([(model(x).argmax(1) == y).float().mean() for x, y in loader])`,
    ],
    [6, `${TRAINING}def evaluate(out):\n    print(out)\nevaluate([model(x) for x in loader])`],
    [4, `${TRAINING}print(sum(criterion(model(x), y).item() for x, y in loader))`],
    [4, `${TRAINING}total = sum(criterion(model(x), y) for x, y in val_loader)`],
  ],
  good: [
    `${TRAINING}model.eval()\n${EVALUATE}`,
    `${TRAINING}${EVALUATE.replace("    for", "    model.train(False)\n    for")}`,
    EVALUATE,
    `${TRAINING}for x, y in train_loader:\n    hits += model(x)`,
    `${TRAINING}def evaluate(text):\n    return eval(text)`,
    `class A(LightningModule):\n    def validate(self, x):\n        return self.model(x)\n    def training_step(self, loss):\n        loss.backward()`,
    `${TRAINING}def evaluate_attack(x):\n    model(x).backward()`,
    `${TRAINING}model.eval()\npreds = [model(x) for x in test_loader]`,
    `${TRAINING}sum(criterion(model(x), y) for x, y in loader).backward()`,
    `${TRAINING}losses = [criterion(model(x), y) for x, y in loader]\ntotal = sum(losses)\ntotal.backward()`,
    `${TRAINING}history = [model(x) for x in train_loader]`,
    ...LEARNED_ELSEWHERE,
    `${TRAINING}shapes = [x.shape for x in test_loader]`,
    "preds = [model(x) for x in test_loader]",
  ],
});

checkRule("gradients-in-evaluation", {
  bad: [
    [5, `${TRAINING}model.eval()\n${EVALUATE}`],
    [5, `${TRAINING}model.eval()\nfor x, y in val_loader:\n    out = model(x)`],
    [4, `${TRAINING}def validate(model):\n    model.eval()\n    return model(x)`],
    [5, `${TRAINING}model.eval()\npreds = [model(x) for x in loader]`],
    [5, `${TRAINING}model.eval()\nacc = np.mean([(model(x).argmax(1) == y).float().mean() for x, y in test_dl])`],
  ],
  good: [
    `${TRAINING}@torch.no_grad()\n${EVALUATE}`,
    `${TRAINING}${EVALUATE.replace("    for", "    torch.set_grad_enabled(False)\n    for")}`,
    `${TRAINING}${EVALUATE}with torch.inference_mode():\n    evaluate(model, val_loader)`,
    `${TRAINING}with torch.no_grad():\n    for x, y in val_loader:\n        out = model(x)`,
    `${TRAINING}def validate(model):\n    return torch.autograd.grad(model(x), x)`,
    `${TRAINING}model.eval()\nwith torch.no_grad():\n    preds = [model(x) for x in loader]`,
    `${TRAINING}@torch.inference_mode()\ndef predict(model, loader):\n    model.eval()\n    return [model(x) for x in loader]`,
    `${TRAINING}model.eval()\npreds = [model(x).detach().cpu() for x in loader]`,
    ...LEARNED_ELSEWHERE,
  ],
});

checkRule("metric-on-training-data", {
  bad: [
    [2, "model.fit(X_train, y_train)\nprint(model.score(X_train, y_train))"],
    [2, "model.fit(X, y)\nprint(model.score(X, y))"],
    [3, "model.fit(X, y)\npred = model.predict(X)\nprint(accuracy_score(y, pred))"],
    [2, "model.fit(X_train, y_train)\nacc = accuracy_score(y_train, model.predict(X_train))"],
    [2, "model.fit(X, y)\nauc = roc_auc_score(y, model.predict_proba(X)[:, 1])"],
    [
      3,
      "for train_idx, test_idx in KFold(5).split(X):\n    clf.fit(X[train_idx], y[train_idx])\n    scores.append(clf.score(X[train_idx], y[train_idx]))",
    ],
    [
      3,
      "for fold, (tr, te) in enumerate(StratifiedKFold(5).split(X, y)):\n    clf.fit(X[tr], y[tr])\n    acc = accuracy_score(y[tr], clf.predict(X[tr]))",
    ],
    [3, `${SPLIT}\nm = Ridge().fit(a, c)\nprint("r2", r2_score(c, m.predict(a)))`],
    [3, `${SPLIT}\nm = Ridge().fit(a, c)\nprint(m.score(a, c))`],
    [
      3,
      "Xtr, Xte, ytr, yte = train_test_split(X, y, random_state=0)\nm = SVC().fit(Xtr, ytr)\nprint(accuracy_score(ytr, m.predict(Xtr)))",
    ],
    [
      4,
      "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)\nm.fit(X_train, y_train)\npred = m.predict(X_train)\nacc = accuracy_score(y_train, pred)",
    ],
  ],
  good: [
    "model.fit(X_train, y_train)\nprint(model.score(X_test, y_test))",
    "model.fit(X_train, y_train)\nprint(model.score(X_train, y_train), model.score(X_test, y_test))",
    "model.fit(X_train, y_train)\ntrain_score = model.score(X_train, y_train)",
    'model.fit(X, y)\nprint("Training set score", model.score(X, y))',
    "model.fit(X, y)\ncross_val_score(model, X, y)\nmodel.score(X, y)",
    "kmeans.fit(X)\nkmeans.score(X)",
    "model.fit(X, y)\nX, y = load_more()\nmodel.score(X, y)",
    "search = GridSearchCV(model, grid)\nsearch.fit(X, y)\nsearch.score(X, y)",
    "model.fit(X_train, y_train)\nmodel.score(X_train, y_train)\nreport(model, X_test)",
    "for train, test in KFold(5).split(X):\n    clf.fit(X[train], y[train])\n    clf.score(X[train], y[train])\n    clf.score(X[test], y[test])",
    "for train, test in KFold(5).split(X):\n    clf.fit(X[train], y[train])\n    clf.score(X[train], y[train])\n    report(clf, X[test])",
    `${SPLIT}\nm = Ridge().fit(a, c)\nprint(m.score(a, c), m.score(b, d))`,
    `${SPLIT}\nm = Ridge().fit(a, c)\nprint(m.score(a, c))\nreport(m, b, d)`,
    `${SPLIT}\nprint(old.score(a, c))`,
    `${SPLIT}\nm = Ridge().fit(b, d)\nprint(m.score(a, c))`,
    "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)\nm.fit(X_train, y_train)\nm.score(X_train, y_train)\njudge(m, X_test)",
    "folds = KFold(5)\nclf.fit(X_train, y_train)\nclf.score(X_train, y_train)\nrun(folds)",
  ],
});

checkRule("unseeded-training", {
  bad: [
    [2, TRAINING],
    [3, `def main():\n    for x in loader:\n        loss(x).backward()${MAIN}`],
  ],
  good: [
    `torch.manual_seed(0)\n${TRAINING}`,
    `seed_everything(1)\n${TRAINING}`,
    `parser.add_argument("--seed", type=int)\n${TRAINING}`,
    "def step(x):\n    loss(x).backward()",
    "import unittest\nfor x in loader:\n    loss(x).backward()",
  ],
});

checkRule("mutable-default", {
  bad: [
    [1, "def train(config={}):\n    run(config)"],
    [1, 'def train(names=[]):\n    names.append("a")'],
    [1, "def train(seen=set()):\n    seen |= {1}"],
    [1, 'def train(options=dict(lr=1)):\n    options["lr"] = 2'],
    [2, "class Model:\n    def __init__(self, layers=[64, 64]):\n        self.layers = layers"],
    [1, "def collect(x, found=[]):\n    found.extend(x)\n    return found"],
    [1, 'def train(a={"b": {}}):\n    a["b"]["c"] = 1'],
  ],
  good: [
    "def train(config=None):\n    config = config or {}",
    "def plot(sizes=[8, 16]):\n    for size in sizes:\n        draw(size)",
    "def train(config=()):\n    run(config)",
    "def train(betas=(0.9, 0.99)):\n    betas[0]",
    "class F(FlowSpec):\n    def start(self, config={}):\n        pass",
    'def train(weights=[1, 2]):\n    other["a"] = weights[0]',
  ],
});

checkRule("unversioned-checkpoint", {
  bad: [
    [2, 'for epoch in range(9):\n    torch.save(model.state_dict(), "model.pt")'],
    [3, 'P = "out/last.pt"\nwhile True:\n    torch.save(state, P)'],
    [2, 'while step < 9:\n    save_file(weights, "model.safetensors")'],
    [2, 'for epoch in range(9):\n    joblib.dump(model, os.path.join("out", "model.joblib"))'],
    [2, 'for epoch in range(9):\n    model.save("model-2026-01-01.keras")'],
    [2, 'def keep(net):\n    torch.save(net.state_dict(), "last.pt")\nfor epoch in range(9):\n    keep(net)'],
    [2, 'for epoch in range(9):\n    pickle.dump(model, open("model.pkl", "wb"))'],
    [2, 'for epoch in range(9):\n    torch.save(model, "last.pt")\n    torch.save(optimizer, f"optimizer_{epoch}.pt")'],
    [2, 'for epoch in range(9):\n    torch.save(state, "last.pt")\n    torch.save(state, args.copy)'],
    [2, 'for epoch in range(9):\n    torch.save(state, "model.tmp")\n    os.replace("model.tmp", "model.pt")'],
    [
      3,
      'for epoch in range(9):\n    final = "model.pt"\n    torch.save(state, "a.tmp")\n    os.replace("a.tmp", final)',
    ],
    [3, 'for epoch in range(9):\n    with open(P, "wb") as f:\n        pickle.dump(clf, f)\nP = "clf.pkl"'],
  ],
  good: [
    'for epoch in range(9):\n    torch.save(state, f"model_{epoch}.pt")',
    'for epoch in range(9):\n    if loss < best:\n        torch.save(state, "best.pt")',
    "torch.save(state, args.output)",
    'torch.save(state, run_folder / "model.pt")',
    'np.save("x.npy", x)',
    'torch.save(model.state_dict(), "final.pt")',
    'joblib.dump(model, "ridge-2026-01-01.joblib")',
    'def keep(net):\n    torch.save(net.state_dict(), "last.pt")\nkeep(net)',
    'for epoch in range(9):\n    if loss < best:\n        keep(net)\ndef keep(net):\n    torch.save(net.state_dict(), "best.pt")',
    'for fold in folds:\n    pickle.dump(scores, open("scores.pkl", "wb"))',
    'for fold in folds:\n    pickle.dump(model, open(f"model_{fold}.pkl", "wb"))',
    'for epoch in range(9):\n    torch.save(state, "last.pt")\n    torch.save(state, f"epoch_{epoch}.pt")',
    'for epoch in range(9):\n    torch.save(state, "last.pt")\n    if epoch % 5 == 0:\n        path = f"{epoch}.pt"\n        torch.save(state, path)',
    'def keep(state, epoch):\n    torch.save(state, "last.pt")\n    torch.save(state, f"{epoch}.pt")\nfor epoch in range(9):\n    keep(state, epoch)',
    'for epoch in range(9):\n    torch.save(state, "out/model.tmp")\n    os.replace("out/model.tmp", f"out/model_{epoch}.pt")',
    'for epoch in range(9):\n    tmp = Path("out") / "model.tmp"\n    torch.save(state, tmp)\n    tmp.replace(f"out/model_{epoch}.pt")',
  ],
});

test("at least sixty cases are found and sixty are left alone", () => {
  assert.ok(counted.bad >= 60 && counted.good >= 60, JSON.stringify(counted));
});
