import { checkRule, SPLIT } from "../../../support/mlRuleCases.ts";

// Rules that ask which rows a call is given: those of the test set, those before a point in time.

checkRule("train-on-test-data", {
  bad: [
    [1, "model.fit(X_test, y_test)"],
    [2, "for x, y in test_loader:\n    f(model(x), y).backward()\n    opt.step()"],
    [2, "for x in self.test_loader:\n    self.optimizer.step()"],
    [3, "for batch in test_loader:\n    for x in batch:\n        f(model(x)).backward()\n        optimizer.step()"],
    [3, "for x in test_loader:\n    for crop in crops:\n        f(model(x)).backward()\n        optimizer.step()"],
    [2, "for x in test_loader:\n    f(x).backward()\n    for p in model.parameters():\n        p.data -= 0.1 * p.grad"],
    [1, "model.fit(X[test_idx], y[test_idx])"],
    [1, "model.fit(df[df.subject == test_subject], y)"],
    [1, "model.fit(df[df.id.isin(test_ids)], y)"],
    [1, "model.fit(df[df.date >= test_start], y)"],
    [1, "model.fit(X[-test_size:], y[-test_size:])"],
    [1, "model.fit(X[len(X) - n_test :], y)"],
    [1, "model.fit(np.delete(X_test, bad_rows, axis=0), y)"],
    [1, 'model.fit(X_test.drop(columns=["id"]), y_test)'],
    [1, "model.fit(load_subject(test_subject), y)"],
    [1, "model.fit(Xte, yte)"],
    [2, "tr, te = train_test_split(df, random_state=1)\nmodel.fit(te[columns], te.y)"],
    [3, `${SPLIT}\nmodel.fit(a, c)\nmodel.fit(b, d)`],
  ],
  good: [
    `${SPLIT}\nfirst.fit(a, c)\nsecond.fit(b, d)`,
    "_, few, _, some = train_test_split(X, y, random_state=1)\nmodel.fit(few, some)",
    "tr, te = train_test_split(df, random_state=1)\nte = load()\nmodel.fit(te, y)",
    "model.fit(X_train, y_train)",
    "for x, y in test_loader:\n    n += 1",
    "for model in models_to_test:\n    f(model(x), y).backward()\n    optimizer.step()",
    "scaler.fit(train_and_test)",
    "m.fit(X[~test_mask], y[~test_mask])",
    "m.fit(X[np.logical_not(is_test)], y)",
    "m.fit(X[is_test == 0], y[is_test == 0])",
    "m.fit(np.delete(X, test_idx, axis=0), np.delete(y, test_idx))",
    "m.fit(df.drop(test_df.index), y)",
    "model.fit(df[df.subject != test_subject], y)",
    "model.fit(df[~df.id.isin(test_ids)], y)",
    "model.fit(df[df.year < test_year], y)",
    "model.fit(X[[i for i in rows if i not in test_idx]], y)",
    "model.fit(X[:-test_size], y[:-test_size])",
    "model.fit(X[: len(X) - n_test], y)",
    "model.fit(X[:test_start], y[:test_start])",
    "model.fit(X_train[: len(X_test)], y)",
    "model.fit(X_train[X_test.columns], y_train)",
    "model.fit(load_train(test_fold), y)",
    "for train_loader, test_loader in zip(train_loaders, test_loaders):\n    for x, y in train_loader:\n        f(x).backward()\n        optimizer.step()",
    "for loader, test_loader in zip(loaders, test_loaders):\n    for e in range(9):\n        for x in loader:\n            f(x).backward()\n            optimizer.step()",
    "for x, y in test_loader:\n    f(model(x), y).backward()\n    x = x + 0.1 * x.grad.sign()",
    "for x, y in test_loader:\n    model(x).max().backward()\n    maps.append(x.grad.abs())\n    profiler.step()",
    "for x in test_loader:\n    f(x).backward()\n    for n, p in model.named_parameters():\n        fisher[n] += p.grad**2",
  ],
});

checkRule("fit-on-test-data", {
  bad: [
    [1, "Z = StandardScaler().fit_transform(X_test)"],
    [2, "enc = OneHotEncoder()\nZ = enc.fit_transform(df_val)"],
    [1, "Z = SimpleImputer().fit_transform(holdout_test)"],
    [4, `${SPLIT}\ns = StandardScaler()\na = s.fit_transform(a)\nb = s.fit_transform(b)`],
    [2, "tr, te = train_test_split(X, random_state=1)\nte = PCA(2).fit_transform(te)"],
  ],
  good: [
    `${SPLIT}\ns = StandardScaler()\na = s.fit_transform(a)\nb = s.transform(b)`,
    "s = StandardScaler()\na = s.fit_transform(a)\nb = s.fit_transform(b)",
    "Z = scaler.transform(X_test)",
    "Z = StandardScaler().fit_transform(X_train)",
    "Z = StandardScaler().fit_transform(X[~test_mask])",
    "s = StandardScaler().fit(X[:-val_size])",
  ],
});

checkRule("shuffled-time-series", {
  bad: [
    [2, 'df = df.sort_values("date")\na, b = train_test_split(df, random_state=1)'],
    [2, 'df = pd.read_csv(f, parse_dates=["day"])\ncv = KFold(5, shuffle=True, random_state=1)'],
    [2, "r = df.rolling(7)\na, b = random_split(df, [9, 1], generator=g)"],
    [2, 'df = df.sort_values("date")\ni = np.random.permutation(len(df))\na, b = df.iloc[i[:9]], df.iloc[i[9:]]'],
    [2, 'df = df.sort_values("date")\ndf = df.sample(frac=1, random_state=1)\na, b = df[:9], df[9:]'],
    [
      3,
      'df = df.sort_values("date")\nX, y = df[["lag"]], df["mw"]\nX, y = shuffle(X, y, random_state=1)\na, b = X[:9], X[9:]',
    ],
    [1, 'a, b = train_test_split(df.sort_values("date"), random_state=1)'],
    [
      5,
      'df = pd.read_csv(f, index_col="Date", parse_dates=True)\nX = []\nfor i in range(9):\n    X.append(df[i : i + 60])\na, b = train_test_split(X, random_state=1)',
    ],
    [3, 'df.sort_values("date", inplace=True)\nX = df[["lag"]]\na, b = train_test_split(X, random_state=1)'],
    [2, 'df = df.sort_values("date")\ncross_val_score(model, df, y, cv=KFold(5, shuffle=True, random_state=1))'],
    [
      5,
      'def load():\n    return pd.read_csv(f, parse_dates=["date"])\ndef main():\n    X = load().dropna()\n    return train_test_split(X, random_state=1)',
    ],
    [2, 'def split(df):\n    return train_test_split(df, random_state=1)\nlog = log.sort_values("date")\nsplit(log)'],
    [3, 'df = df.sort_values("date")\ndef split():\n    return train_test_split(df, random_state=1)'],
    [
      5,
      'class Data:\n    def __init__(self):\n        self.df = read().sort_values("date")\n    def split(self):\n        return train_test_split(self.df, random_state=1)',
    ],
    [2, 'df = pd.read_csv(f, index_col="when", parse_dates=["when"])\na, b = train_test_split(df, random_state=1)'],
    [2, "df = pd.read_csv(f, index_col=0, parse_dates=True)\na, b = train_test_split(df, random_state=1)"],
  ],
  good: [
    'df = pd.read_csv(f, parse_dates=["signup_date"])\na, b = train_test_split(df, random_state=1)',
    'df = pd.read_csv(f, index_col="id", parse_dates=["birth_date"])\na, b = train_test_split(df, random_state=1)',
    'df = df.sort_values("date").drop_duplicates("user_id")\na, b = train_test_split(df, random_state=1)',
    'df = df.sort_values("date").groupby("user_id").tail(1)\na, b = train_test_split(df, random_state=1)',
    "a, b = train_test_split(X, random_state=1)\npd.Series(losses).rolling(10).mean().plot()",
    "smooth = pd.Series(losses).rolling(10).mean()\na, b = train_test_split(X, random_state=1)",
    'log = log.sort_values("date")\na, b, c, d = train_test_split(houses, prices, random_state=1)',
    'df = df.set_index("timestamp")\na, b = random_split(images, [9, 1], generator=g)',
    'log = log.sort_values("date")\ncv = KFold(5, shuffle=True, random_state=1)\ncross_val_score(model, houses, prices, cv=cv)',
    'def show(df):\n    df = df.sort_values("date")\ndef split(df):\n    return train_test_split(df, random_state=1)',
    'a, b = train_test_split(df, random_state=1)\na = a.sort_values("date")',
    'print(df.sort_values("date"))\na, b = train_test_split(df, random_state=1)',
    "few = resample(few, n_samples=9)\na, b = train_test_split(df, random_state=1)",
    'df = df.sort_values("date")\nfor e in range(9):\n    i = np.random.permutation(n)\n    for k in range(9):\n        step(X[i[k : k + 4]])',
    'df = df.sort_values("date")\nX[:, 0] = np.random.permutation(X[:, 0])\na, b = Z[:9], Z[9:]',

    'df = df.sort_values("date")\na, b = train_test_split(df, shuffle=False)',
    'df = df.sort_values("date")\ncv = TimeSeriesSplit(5)',
    'df = df.sort_values("price")\na, b = train_test_split(df, random_state=1)',
  ],
});

checkRule("fit-before-split", {
  bad: [
    [
      2,
      "def prepare(path):\n    X = StandardScaler().fit_transform(load(path))\n    return X, y\nX, y = prepare(f)\na, b = train_test_split(X, random_state=1)",
    ],
    [
      2,
      "def scaled(df):\n    return StandardScaler().fit_transform(df)\ndef main():\n    Z = scaled(df)\n    cross_val_score(model, Z, y)",
    ],
    [2, "s = MinMaxScaler()\nZ = s.fit_transform(df[['Close']])\ntrain, test = Z[:n], Z[n:]"],
    [1, "Z = MinMaxScaler().fit_transform(X)\ntrain_data = Z[0:n, :]\nvalid_data = Z[n - 60 : len(Z), :]"],
    [1, "X = pd.DataFrame(StandardScaler().fit_transform(X))\nX_train = X.iloc[:-30]\nX_test = X.iloc[-30:]"],
  ],
  good: [
    "train, test = X[:n], X[n:]\ns = MinMaxScaler().fit(train)\ntrain, test = s.transform(train), s.transform(test)",
    "def scaled(X):\n    return StandardScaler().fit_transform(X)\nX_train = scaled(X_train)\na, b = train_test_split(X_train, random_state=1)",
    "def prepare(X):\n    a, b = train_test_split(X, random_state=1)\n    a = StandardScaler().fit_transform(a)\n    return a, b\na, b = prepare(X)\na, c = train_test_split(a, random_state=1)",
    "plot(PCA(2).fit_transform(X))\na, b = train_test_split(X, random_state=1)",
    "def pictures(X):\n    plot(PCA(2).fit_transform(X))\n    return X\nX = pictures(X)\na, b = train_test_split(X, random_state=1)",
    "Z = StandardScaler().fit_transform(X)\nfirst, second = Z[:n], Z[n:]",
    "Z = StandardScaler().fit_transform(X)\ntrain, test = X[:n], X[n:]",
    "Z = PCA(2).fit_transform(X)\ntrain_colors, test_colors = Z[:, 0], Z[:, 1]",
    "x_train = scaler.fit_transform(x_train)\nx_val, x_train = x_train[-5000:], x_train[:-5000]",
  ],
});
