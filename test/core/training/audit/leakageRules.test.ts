import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import type { PythonParser } from "../../../../src/core/base/pythonSyntax.ts";
import { auditTraining } from "../../../../src/core/training/audit/trainingAudit.ts";
import { loadPythonParser } from "../../../../src/node/base/pythonParser.ts";

let parser: PythonParser;
before(async () => {
  parser = await loadPythonParser();
});

/** `rule:line` of everything that is found in a script; lines count from one, as people do. */
function check(lines: readonly string[], expected: readonly string[]): void {
  const { leakage } = parser.read(lines.join("\n"), (root) => auditTraining(root, "train.py"));
  assert.deepEqual(
    leakage.map(({ code, range }) => `${code}:${range.start.line + 1}`),
    expected,
  );
}

const HELD_OUT = "score(model, X_val)";
const SPLIT = "X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, random_state=1)";

describe("preprocessing that is fitted", () => {
  test("before the split has seen the held-out rows", () => {
    check(["scaler = StandardScaler()", "X = scaler.fit_transform(X)", SPLIT], ["fit-before-split:2"]);
    check(
      ["X2 = StandardScaler().fit_transform(X)", "a, b = train_test_split(X2, random_state=1)"],
      ["fit-before-split:1"],
    );
    check(["pca = PCA(8)", "pca.fit(X)", "X = pca.transform(X)", SPLIT], ["fit-before-split:2"]);
    check(["X, y = SMOTE().fit_resample(X, y)", SPLIT], ["fit-before-split:1"]);
    check(
      ["X = TfidfVectorizer().fit_transform(texts)", "print(cross_val_score(model, X, y, cv=5))"],
      ["fit-before-split:1"],
    );
  });

  test("through another name is followed", () => {
    check(
      [
        "features = StandardScaler().fit_transform(X)",
        "data = np.hstack([features, extra])",
        "a, b = train_test_split(data, random_state=1)",
      ],
      ["fit-before-split:1"],
    );
  });

  test("after the split, in a pipeline, on other data, or in another function is fine", () => {
    check([SPLIT, "scaler = StandardScaler().fit(X_train)", "X_val = scaler.transform(X_val)"], []);
    check([SPLIT, "model = make_pipeline(StandardScaler(), Ridge())", "model.fit(X_train, y_train)"], []);
    check(["other = StandardScaler().fit_transform(Z)", SPLIT], []);
    check(["y = LabelEncoder().fit_transform(y)", SPLIT], []);
    check(["def a(X):", "    return StandardScaler().fit_transform(X)", "def b(X, y):", `    ${SPLIT}`], []);
  });

  test("on held-out data again is found", () => {
    check(
      [SPLIT, "scaler = StandardScaler()", "scaler.fit(X_train)", "X_test = scaler.fit_transform(X_test)"],
      ["fit-on-test-data:4"],
    );
  });
});

test("scaling by statistics of all rows before the split is found, and by a constant is not", () => {
  check(["X = (X - X.mean(axis=0)) / X.std(axis=0)", SPLIT], ["statistics-before-split:1"]);
  check(["X = X / 255.0", SPLIT], []);
  check([SPLIT, "X_train = (X_train - X_train.mean()) / X_train.std()"], []);
});

describe("the test set", () => {
  test("may not be learned from", () => {
    check([SPLIT, "model = RandomForestClassifier()", "model.fit(X_test, y_test)"], ["train-on-test-data:3"]);
    check([SPLIT, "model = LabelSpreading()", "model.fit(X_test, y_test)"], ["train-on-test-data:3"]);
    check(
      [
        "for x, y in test_loader:",
        "    loss = f(model(x), y)",
        "    loss.backward()",
        "    optimizer.step()",
        HELD_OUT,
      ],
      ["train-on-test-data:3"],
    );
  });

  test("may not choose the epoch, nor be joined with the training set", () => {
    check(["model.fit(x_train, y_train, validation_data=(x_test, y_test))"], ["choose-by-test-data:1"]);
    check(["data = pd.concat([df_train, df_test])"], ["joined-with-test-data:1"]);
    check(["data = ConcatDataset([splits.train, splits.test])"], []);
  });

  test("may be measured, at the end", () => {
    check([SPLIT, "model = SVC()", "model.fit(X_train, y_train)", "print(model.score(X_test, y_test))"], []);
    check(["for x, y in test_loader:", "    correct += (model(x) == y).sum()"], []);
  });
});

test("rows in order of time may not be shuffled", () => {
  const sorted = 'df = df.sort_values("date")';
  check([sorted, "a, b = train_test_split(df, random_state=1)"], ["shuffled-time-series:2"]);
  check([sorted, "a, b = train_test_split(df, shuffle=False)"], []);
  check(
    ['df = pd.read_csv("a.csv", parse_dates=["day"])', "cv = KFold(5, shuffle=True, random_state=1)"],
    ["shuffled-time-series:2"],
  );
  check([sorted, "cv = TimeSeriesSplit(5)"], []);
});

test("a training without anything held out is found, and one with a validation of any kind is not", () => {
  const loop = ["for x, y in loader:", "    loss = f(model(x), y)", "    loss.backward()", "    optimizer.step()"];
  check(loop, ["no-validation:3"]);
  check(["model = Ridge()", "model.fit(X, y)"], ["no-validation:2"]);
  check([...loop, "evaluate(model, val_loader)"], []);
  check([...loop, "model.eval()"], []);
  check(["model.fit(x, y, validation_split=0.2)"], []);
  check(["model.train()"], []);
  check(["def helper():", "    return 1"], []);
});

test("a split that differs in every run is found", () => {
  check(["a, b = train_test_split(X)"], ["split-without-seed:1"]);
  check(["a, b = random_split(data, [0.8, 0.2])"], ["split-without-seed:1"]);
  check(["a, b = random_split(data, [0.8, 0.2], generator=g)"], []);
  check(["cv = KFold(5)"], []);
});

test("a damaged file never throws", () => {
  const whole = readFileSync(new URL("../../../../examples/digits/train.py", import.meta.url), "utf8");
  for (let cut = 0; cut < whole.length; cut += 997) {
    parser.read(whole.slice(cut), (root) => auditTraining(root, "train.py"));
  }
});

test("the sample workspace is honest", () => {
  for (const name of ["train.py", "evaluate.py", "flow.py"]) {
    const text = readFileSync(new URL(`../../../../examples/digits/${name}`, import.meta.url), "utf8");
    const { leakage } = parser.read(text, (root) => auditTraining(root, name));
    assert.deepEqual(
      leakage.filter(({ severity }) => severity !== "information"),
      [],
      name,
    );
  }
});
