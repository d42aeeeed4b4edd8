import type { FlowOutline } from "../flowOutline.ts";
import type { FlowParameter, FlowParameterType } from "../flowParameters.ts";
import type { CallSource } from "../graph/flowSource.ts";
import type { Flow } from "../graph/linkFlow.ts";
import { assignedIn, usesOf } from "../lint/artifactFlow.ts";

/**
 * A test file for one flow, complete and ready to run with pytest. `toSet`: the flags of required parameters and
 * configurations whose values only a person knows; the file holds a value that Metaflow takes.
 */
export type FlowTest = { fileName: string; text: string; covers: readonly string[]; toSet: readonly string[] };

type TestedParameter = { attribute: string; flag: string; isNumber: boolean; isChecked: boolean };

/** Numbers that decide how long a run takes; a test runs with one of each. */
const SIZES = /^(?:max_)?(?:epochs?|steps|iterations|rounds|n_estimators|trials|max_iter)$/i;

const MAX_ARTIFACTS = 8;

/**
 * `flowPath` is relative to the workspace folder, with `/`; the file belongs into its `tests` folder. The tests run the
 * flow as a person does, so that they hold whatever is inside of its steps.
 */
export function renderFlowTest(
  flow: Flow,
  flowPath: string,
  { parameters, requiredConfigs: configs }: Pick<FlowOutline, "parameters" | "requiredConfigs">,
): FlowTest {
  const module = flowPath.slice(flowPath.lastIndexOf("/") + 1).replace(/\.py$/, "");
  const tested = parametersOf(flow);
  const required = parameters.filter(({ isRequired }) => isRequired);
  const isRequired = (flag: string) => required.some(({ name }) => name === flag);
  const sizes = tested.filter(({ attribute, isNumber }) => isNumber && SIZES.test(attribute));
  const short = sizes.filter(({ flag }) => !isRequired(flag));
  const refused = tested.filter(({ isNumber, isChecked }) => isNumber && isChecked);
  const artifacts = endArtifacts(flow);
  const fileName = `test_${module}.py`;
  const parts = [
    openingOf(flow, { fileName, flowPath, short, required, configs, hasRefusals: refused.length > 0 }),
    runFlow(configs),
    ...runTests(flow),
    ...artifactTests(flow, artifacts),
    ...refusalTests(refused, required),
  ];
  return {
    fileName,
    text: `${parts.map((lines) => lines.join("\n")).join("\n\n\n")}\n`,
    covers: [
      "Metaflow's own check",
      `one whole run${sizes.length > 0 ? ` with ${flagList(sizes, "1")}` : ""}`,
      ...(artifacts.length > 0
        ? [`the artifacts ${artifacts.map((name) => `\`${name}\``).join(", ")} at its end`]
        : []),
      ...(refused.length > 0 ? [`the refusal of ${flagList(refused, "-1")}`] : []),
    ],
    toSet: [
      ...configs.map((name) => `--config-value ${name}`),
      ...required.filter(({ name }) => !sizes.some(({ flag }) => flag === name)).map(({ name }) => `--${name}`),
    ],
  };
}

function openingOf(
  flow: Flow,
  about: {
    fileName: string;
    flowPath: string;
    short: readonly TestedParameter[];
    required: readonly FlowParameter[];
    configs: readonly string[];
    hasRefusals: boolean;
  },
): string[] {
  const path = about.flowPath.split("/").map((part) => JSON.stringify(part));
  return [
    `"""Tests of ${flow.name}: it passes Metaflow's check, runs to its end${about.hasRefusals ? ", and refuses settings that cannot work" : ""}.`,
    "",
    `    pytest tests/${about.fileName}`,
    '"""',
    "",
    "import os",
    "import subprocess",
    "import sys",
    "from pathlib import Path",
    "",
    "import pytest",
    "",
    `FLOW = Path(__file__).resolve().parents[1] / ${path.join(" / ")}`,
    ...configOptions(about.configs),
    ...requiredOptions(about.required),
    `SHORT = [${[...(about.required.length > 0 ? ["*REQUIRED"] : []), ...about.short.map(({ flag }) => `"--${flag}", "1"`)].join(", ")}]`,
  ];
}

/** A value that Metaflow takes for each type. A file has to be there, and the test itself is. */
const STAND_INS: Readonly<Record<FlowParameterType, string>> = {
  integer: '"1"',
  float: '"0.1"',
  boolean: '"True"',
  json: '"{}"',
  string: '"example"',
  file: "__file__",
};

/** They stand before the command, and each command wants them. */
function configOptions(configs: readonly string[]): string[] {
  const options = configs.map((name) => `    "--config-value", ${JSON.stringify(name)}, "{}",`);
  return configs.length === 0
    ? []
    : [
        "# Nothing of the flow works without these. The values stand in for real ones: write those of a short run,",
        '# or `"--config", "<name>", "<file>"`.',
        "CONFIGS = [",
        ...options,
        "]",
      ];
}

function requiredOptions(required: readonly FlowParameter[]): string[] {
  const options = required.map(({ name, type }) => `    "--${name}", ${STAND_INS[type]},`);
  return required.length === 0
    ? []
    : [
        "# No run starts without these. The values stand in for real ones: write those of a short run.",
        "REQUIRED = [",
        ...options,
        "]",
      ];
}

function runTests(flow: Flow): string[][] {
  return [
    [
      "def test_passes_the_check(tmp_path):",
      '    result = run_flow(tmp_path, "check")',
      "    assert result.returncode == 0, result.stdout + result.stderr",
    ],
    [
      '@pytest.fixture(scope="module")',
      "def last_task(tmp_path_factory):",
      '    """The last task of one short run, and the store it wrote to: for all tests of this file."""',
      '    store = tmp_path_factory.mktemp("metaflow")',
      '    result = run_flow(store, "run", "--run-id-file", str(store / "run_id"), *SHORT)',
      "    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]",
      '    run_id = (store / "run_id").read_text().strip()',
      `    end = store / ".metaflow" / "${flow.name}" / run_id / "${endStep(flow)}"`,
      "    [task] = [path.name for path in end.iterdir() if path.name.isdigit()]",
      `    return store, f"{run_id}/${endStep(flow)}/{task}"`,
    ],
    [
      "def test_runs_to_its_end(last_task):",
      "    store, task = last_task",
      '    assert run_flow(store, "logs", task).returncode == 0',
    ],
  ];
}

function runFlow(configs: readonly string[]): string[] {
  return [
    "def run_flow(store, *arguments):",
    '    """Run the flow in a process of its own; what it stores goes below `store`."""',
    "    environment = {",
    "        **os.environ,",
    '        "METAFLOW_DEFAULT_DATASTORE": "local",',
    '        "METAFLOW_DEFAULT_METADATA": "local",',
    '        "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(store),',
    '        "METAFLOW_USER": os.environ.get("METAFLOW_USER", "tests"),',
    "    }",
    `    command = [sys.executable, str(FLOW), "--no-pylint", ${configs.length > 0 ? "*CONFIGS, " : ""}*arguments]`,
    "    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=FLOW.parent, check=False)",
  ];
}

function artifactTests(flow: Flow, artifacts: readonly string[]): string[][] {
  return artifacts.length === 0
    ? []
    : [
        [
          `@pytest.mark.parametrize("artifact", ${list(artifacts)})`,
          `def test_${endStep(flow)}_leaves_its_artifacts(last_task, artifact):`,
          "    store, task = last_task",
          '    result = run_flow(store, "dump", task, "--include", artifact)',
          "    assert result.returncode == 0, result.stderr",
          "    assert artifact in result.stdout",
        ],
      ];
}

/** With what is required, since a run without it is refused for that alone; of an option given twice the later one counts. */
function refusalTests(refused: readonly TestedParameter[], required: readonly FlowParameter[]): string[][] {
  return refused.length === 0
    ? []
    : [
        [
          `@pytest.mark.parametrize("flag", ${list(refused.map(({ flag }) => `--${flag}`))})`,
          "def test_refuses_a_negative_number(tmp_path, flag):",
          `    result = run_flow(tmp_path, "run", ${required.length > 0 ? "*REQUIRED, " : ""}flag, "-1")`,
          "    assert result.returncode != 0",
        ],
      ];
}

function flagList(flags: readonly TestedParameter[], value: string): string {
  return flags.map(({ flag }) => `\`--${flag} ${value}\``).join(", ");
}

function list(items: readonly string[]): string {
  return `[${items.map((item) => JSON.stringify(item)).join(", ")}]`;
}

function endStep(flow: Flow): string {
  return flow.steps.find(({ isEnd }) => isEnd)?.name ?? "end";
}

/** What the last step assigns: the results that a person looks for. */
function endArtifacts(flow: Flow): string[] {
  const end = flow.steps.find(({ name }) => name === endStep(flow));
  const names = end ? assignedIn(end.source) : [];
  return [...new Set(names)].filter((name) => !name.startsWith("_")).slice(0, MAX_ARTIFACTS);
}

function parametersOf(flow: Flow): TestedParameter[] {
  const start = flow.steps.find(({ name, isStart }) => isStart || name === "start");
  // Only a step that can raise refuses anything; one that reads a parameter merely uses it.
  const looked = new Set(usesOf(start?.source.body?.attributes ?? [], "read").map(({ name }) => name));
  return [...flow.attributes].flatMap(([attribute, { file, member }]): TestedParameter[] => {
    const isParameter = member.kind === "call" && /(?:^|\.)Parameter$/.test(member.call.callee);
    if (!isParameter || !start) {
      return [];
    }
    const written = member.call.positional[0]?.value ?? member.call.keywords.get("name")?.value;
    const flag = typeof written === "string" ? written : attribute;
    const isChecked = looked.has(attribute) && raisesIn(file.text, start.source.fullRange);
    return [{ attribute, flag, isNumber: takesNumber(member.call), isChecked }];
  });
}

function raisesIn(text: string, { start, end }: { start: { line: number }; end: { line: number } }): boolean {
  return text
    .split("\n")
    .slice(start.line, end.line + 1)
    .some((line) => /^\s*(?:raise|assert)\b/.test(line));
}

function takesNumber({ keywords }: CallSource): boolean {
  const type = keywords.get("type")?.value;
  const isNumberType = typeof type === "object" && type?.kind === "expression" && /^(?:int|float)$/.test(type.text);
  return isNumberType || typeof keywords.get("default")?.value === "number";
}
