import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { before, describe, test } from "node:test";
import type { PythonParser } from "../../../../src/core/base/pythonSyntax.ts";
import { readDeployPlace } from "../../../../src/core/metaflow/deploy/deployPlace.ts";
import type { DeployTargetId } from "../../../../src/core/metaflow/deploy/deployTarget.ts";
import { readFlowParameters, readRequiredConfigs } from "../../../../src/core/metaflow/flowParameters.ts";
import { checkFlow } from "../../../../src/core/metaflow/lint/checkFlow.ts";
import { checkReadiness, renderReadiness } from "../../../../src/core/metaflow/specialist/deployReadiness.ts";
import { renderFlowTest } from "../../../../src/core/metaflow/specialist/flowTest.ts";
import type { ReadinessFacts } from "../../../../src/core/metaflow/specialist/readinessCheck.ts";
import { loadPythonParser } from "../../../../src/node/base/pythonParser.ts";

let parser: PythonParser;
before(async () => {
  parser = await loadPythonParser();
});

function inspect(source: string) {
  const report = checkFlow(parser, { path: "flow.py", text: source, find: () => undefined, fileExists: () => true });
  const [flow] = report.flows;
  assert.ok(flow);
  return { report, flow, path: "flow.py" };
}

const FLOW = [
  "from metaflow import FlowSpec, Parameter, resources, retry, step",
  "",
  "class Churn(FlowSpec):",
  '    epochs = Parameter("epochs", type=int, default=10)',
  '    rate = Parameter("learning-rate", default=0.1)',
  "    @step",
  "    def start(self):",
  "        if self.epochs < 1:",
  '            raise ValueError("epochs")',
  "        self.next(self.fit)",
  "    @step",
  "    def fit(self):",
  "        self.score = self.rate * self.epochs",
  "        self.next(self.end)",
  "    @step",
  "    def end(self):",
  "        self.summary = {'score': self.score}",
  "",
  'if __name__ == "__main__":',
  "    Churn()",
  "",
].join("\n");

function findNothing(): undefined {
  return undefined;
}

function testOf(source: string, path: string) {
  const { flow } = inspect(source);
  return renderFlowTest(flow, path, {
    parameters: readFlowParameters(flow, findNothing),
    requiredConfigs: readRequiredConfigs(flow, findNothing),
  });
}

const REQUIRED = FLOW.replace("type=int, default=10", "type=int, required=True")
  .replace("import FlowSpec", "import FlowSpec, IncludeFile, JSONType")
  .replace(
    '    rate = Parameter("learning-rate", default=0.1)',
    [
      '    rate = Parameter("learning-rate", type=float, required=True)',
      '    table = Parameter("table", required=True)',
      '    rows = IncludeFile("rows", required=True)',
      '    options = Parameter("options", type=JSONType, required=True)',
      '    is_dry = Parameter("dry", type=bool, required=True)',
      '    seed = Parameter("seed", type=int, required=True, default=3)',
    ].join("\n"),
  );

describe("the tests for a flow", () => {
  test("give what a run does not start without, also where a wrong setting has to be refused", () => {
    const { text, toSet } = testOf(REQUIRED, "churn.py");
    assert.deepEqual(/REQUIRED = \[\n([^\]]*)\]/.exec(text)?.[1]?.match(/\S.*(?=,)/g), [
      '"--epochs", "1"',
      '"--learning-rate", "0.1"',
      '"--table", "example"',
      '"--rows", __file__',
      '"--options", "{}"',
      '"--dry", "True"',
    ]);
    assert.match(text, /\nSHORT = \[\*REQUIRED\]\n/);
    assert.match(text, /run_flow\(tmp_path, "run", \*REQUIRED, flag, "-1"\)/);
    assert.deepEqual(toSet, ["--learning-rate", "--table", "--rows", "--options", "--dry"]);
  });

  test("give every command the configurations without which none works", () => {
    const configs = [
      "from metaflow import Config",
      '    a = Config("a", required=True)',
      '    b = Config("b", None, None, None, True)',
      '    c = Config("c", required=True, default="c.json")',
      '    d = Config("d", required=True, default_value={})',
      '    e = Config("e")',
    ];
    const [imported = "", ...declared] = configs;
    const source = `${imported}\n${FLOW.replace("(FlowSpec):", `(FlowSpec):\n${declared.join("\n")}`)}`;
    const { text, toSet } = testOf(source, "churn.py");
    assert.deepEqual(/CONFIGS = \[\n([^\]]*)\]/.exec(text)?.[1]?.match(/\S.*(?=,)/g), [
      '"--config-value", "a", "{}"',
      '"--config-value", "b", "{}"',
    ]);
    assert.match(text, /str\(FLOW\), "--no-pylint", \*CONFIGS, \*arguments\]/);
    assert.deepEqual(toSet, ["--config-value a", "--config-value b"]);
    assert.doesNotMatch(testOf(FLOW, "churn.py").text, /CONFIGS/);
  });

  test("run it short, look for its results, and try what it refuses", () => {
    const { text, fileName, covers } = testOf(FLOW, "flows/churn.py");
    assert.equal(fileName, "test_churn.py");
    assert.match(text, /parents\[1\] \/ "flows" \/ "churn\.py"/);
    assert.match(text, /SHORT = \["--epochs", "1"\]/);
    assert.match(text, /parametrize\("artifact", \["summary"\]\)/);
    assert.match(text, /parametrize\("flag", \["--epochs"\]\)/);
    assert.equal(covers.length, 4);
  });

  test("leave out what the flow does not have", () => {
    const bare = FLOW.replace("        self.summary = {'score': self.score}", "        pass").replace(
      / {8}if[^]*?\)\n/,
      "",
    );
    const { text } = testOf(bare, "churn.py");
    assert.doesNotMatch(text, /artifact|refuses/);
  });

  test("are Python", () => {
    for (const source of [FLOW, REQUIRED]) {
      const { text } = testOf(source, 'odd "name".py');
      const { status, stderr } = spawnSync("python3", ["-c", "import ast,sys; ast.parse(sys.stdin.read())"], {
        input: text,
      });
      assert.equal(status, 0, String(stderr));
    }
  });
});

function check(source: string, expected: Record<string, string>, more: Partial<ReadinessFacts> = {}): string {
  const facts = { ...inspect(source), ...more };
  const readiness = checkReadiness(facts);
  const states = Object.fromEntries(readiness.checks.map(({ name, state }) => [name, state]));
  assert.partialDeepStrictEqual(states, expected);
  return renderReadiness(facts, readiness);
}

function marked(mark: string): string {
  return FLOW.replace("    @step\n    def fit", `    @metaflow.${mark}\n    @step\n    def fit`).replace(
    "from metaflow",
    "import metaflow\nfrom metaflow",
  );
}

/** Whether a decorator of the step keeps the flow from that target. */
function isRefused(mark: string, target: DeployTargetId): boolean {
  const { checks } = checkReadiness({ ...inspect(marked(mark)), target });
  return checks.some(({ state, message }) => state === "blocked" && message.includes("`fit`"));
}

describe("the readiness of a flow", () => {
  const localRun = { description: "run `7` finished on this machine" };

  test("counts what a class that is built on the flow may mend", () => {
    const steps = ["start", "train"].map(
      (name) => `    @step\n    def ${name}(self):\n        self.next(self.train)\n`,
    );
    const open = steps.join("\n").replace(/train\)\n$/, "report)\n");
    check(`from metaflow import FlowSpec, step\n\n\nclass Base(FlowSpec):\n${open}`, { Graph: "blocked" });
  });
  const ran = { localRun };

  test("shows no deploying command before a run came to its end here", () => {
    const text = check(FLOW, { "Ran locally": "blocked", Graph: "ok" });
    assert.match(text, /Not ready/);
    assert.doesNotMatch(text, /argo-workflows|step-functions|airflow/);
    assert.match(text, /python flow\.py run\n/);
  });

  test("shows the commands once nothing is blocked, and what a person has to decide, with lines", () => {
    const text = check(FLOW, { "Ran locally": "ok", Resources: "open", Dependencies: "open", Failures: "open" }, ran);
    assert.match(text, /argo-workflows create/);
    assert.match(text, /\*\*Resources\*\* `flow\.py:11` `fit` asks for nothing/);
  });

  test("is blocked by a run of an older file, and by a datastore that no remote step reaches", () => {
    check(FLOW, { "Ran locally": "blocked" }, { localRun: { ...localRun, isOutdated: true } });
    const place = readDeployPlace({ environment: {}, kubeConfigs: [] });
    const text = check(FLOW, { "Ran locally": "ok", Datastore: "blocked" }, { ...ran, place });
    assert.doesNotMatch(text, /argo-workflows/);
  });

  test("names the place of a target, and gives its commands with the store that they need", () => {
    const place = readDeployPlace({ environment: { METAFLOW_DATASTORE_SYSROOT_S3: "s3://b/m" }, kubeConfigs: [] });
    const expected = { Datastore: "ok", "Argo Workflows": "open" };
    const text = check(FLOW, expected, { ...ran, place, target: "argo-workflows" });
    assert.match(text, /Cluster: unknown.*Namespace: default/);
    assert.match(text, /\npython flow\.py --datastore=s3 argo-workflows create\n/);
    assert.doesNotMatch(text, /step-functions|batch/);
  });

  test("keeps what Step Functions does not run from it", () => {
    const scheduled = FLOW.replace("class Churn", '@schedule(hourly=True, timezone="CET")\nclass Churn')
      .replace("import FlowSpec", "import schedule, FlowSpec")
      .replace("self.next(self.end)", 'self.next({"a": self.end, "b": self.end}, condition="score")');
    const states = { "Step Functions": "blocked", Start: "open" };
    assert.match(check(scheduled, states, { ...ran, target: "step-functions" }), /`fit` is a switch/);
    check(scheduled, { Start: "ok" }, { ...ran, target: "argo-workflows" });
  });

  test("knows what AWS has to be set up with before Metaflow can deploy there", () => {
    const environment: Record<string, string> = {
      METAFLOW_DATASTORE_SYSROOT_S3: "s3://bucket/metaflow",
      METAFLOW_SFN_IAM_ROLE: "arn:aws:iam::123456789012:role/sfn",
    };
    const sweep = FLOW.replace("class Churn", "@schedule(daily=True)\nclass Churn")
      .replace("import FlowSpec", "import schedule, FlowSpec")
      .replace("self.next(self.end)", 'self.next(self.end, foreach="score")');
    const blockedBy = (target: "step-functions" | "batch") => {
      const facts: ReadinessFacts = {
        ...inspect(sweep),
        ...ran,
        target,
        place: readDeployPlace({ environment, kubeConfigs: [] }),
      };
      const messages = checkReadiness(facts).checks.filter(
        ({ name, state }) => name !== "Graph" && state === "blocked",
      );
      return messages.map(({ message }) => /METAFLOW_\w+/.exec(message)?.[0]);
    };
    const role = "METAFLOW_ECS_S3_ACCESS_IAM_ROLE";
    assert.deepEqual(blockedBy("batch"), [role]);
    const missing = [
      "METAFLOW_SFN_DYNAMO_DB_TABLE",
      "METAFLOW_EVENTS_SFN_ACCESS_IAM_ROLE",
      role,
      "METAFLOW_BATCH_JOB_QUEUE",
    ];
    for (const [at, name] of missing.entries()) {
      assert.deepEqual(blockedBy("step-functions"), missing.slice(at));
      environment[name] = "set";
    }
    assert.deepEqual(blockedBy("step-functions"), []);
    assert.deepEqual(blockedBy("batch"), []);
  });

  test("refuses a step for the other scheduler, and a limit that no cluster takes", () => {
    assert.deepEqual(
      [isRefused("batch", "argo-workflows"), isRefused("batch", "kubernetes"), isRefused("batch", "step-functions")],
      [true, true, false],
    );
    assert.deepEqual([isRefused("kubernetes", "batch"), isRefused("kubernetes", "argo-workflows")], [true, false]);
    assert.deepEqual(
      [
        isRefused("timeout(seconds=30)", "batch"),
        isRefused("timeout(minutes=2)", "batch"),
        isRefused("timeout()", "batch"),
      ],
      [true, false, false],
    );
  });

  test("takes decorators for an answer", () => {
    const equipped = FLOW.replace(
      "    @step\n    def fit",
      "    @retry\n    @resources(cpu=2, memory=4000)\n    @step\n    def fit",
    );
    check(equipped, { Resources: "ok", Failures: "ok" }, ran);
  });

  test("is blocked by a path of one machine, a secret or a broken graph", () => {
    const path = FLOW.replace("self.rate * self.epochs", 'open("/home/ada/data.csv")');
    assert.doesNotMatch(check(path, { "Secrets and paths": "blocked" }, ran), /argo-workflows/);
    const secret = FLOW.replace("self.rate * self.epochs", '"AKIAABCDEFGHIJKLMNOP"');
    check(secret, { "Secrets and paths": "blocked" }, ran);
    check(FLOW.replace("self.next(self.end)", "self.next(self.gone)"), { Graph: "blocked" }, ran);
  });

  test("is blocked by what a run passes by here and not there", () => {
    const second = FLOW.replace(
      "        self.next(self.fit)",
      "        if self.rate > 1:\n            self.next(self.end)\n        self.next(self.fit)",
    );
    check(second, { Graph: "blocked" }, ran);
    check(marked('resources(memory="16G")'), { Graph: "blocked" }, ran);
  });
});
