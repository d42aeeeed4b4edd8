import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { checkManifest } from "../../../../src/core/metaflow/deploy/checkManifest.ts";
import { readManifestOutput } from "../../../../src/core/metaflow/deploy/manifestOutput.ts";
import { manifestText } from "../../../../src/core/metaflow/deploy/manifestText.ts";

function manifest() {
  const container = { image: "python:3.11", command: ["bash"], resources: { requests: { cpu: "1", memory: "4096M" } } };
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "WorkflowTemplate",
    metadata: { name: "sumsflow", namespace: "ml" },
    spec: {
      entrypoint: "SumsFlow",
      templates: [
        {
          name: "SumsFlow",
          dag: {
            tasks: [
              { name: "start", template: "start" },
              { name: "fit-it", template: "fit-it", dependencies: ["start"] },
              { name: "end", template: "end", depends: "fit-it.Succeeded && (start || fit-it.Skipped)" },
            ],
          },
        },
        { name: "start", container },
        { name: "fit-it", container },
        { name: "end", container: { ...container, resources: { requests: { memory: "many" } } } },
      ],
    },
  };
}

type Manifest = ReturnType<typeof manifest>;

function check(change: (sound: Manifest) => unknown, expected: readonly string[]): void {
  const sound = manifest();
  sound.spec.templates[3] = {
    name: "end",
    container: { image: "i", command: ["c"], resources: { requests: { cpu: "1", memory: "1Gi" } } },
  };
  const changed = change(sound) ?? sound;
  assert.deepEqual(checkManifest(Object.fromEntries(Object.entries(changed)), ["start", "fit_it", "end"]), expected);
}

test("says what Argo Workflows would refuse in a manifest", () => {
  check(() => undefined, []);
  check(
    (each) => {
      each.spec.entrypoint = "Other";
    },
    ["spec.entrypoint: there is no template Other."],
  );
  check(
    (each) => {
      each.metadata.name = "Sums_Flow";
    },
    ["metadata.name: Sums_Flow is no name that Kubernetes takes."],
  );
  check(
    (each) => each.spec.templates.splice(2, 1) && undefined,
    ["SumsFlow: fit-it calls fit-it, which is no template."],
  );
  check(
    (each) => {
      each.spec.templates[0]?.dag?.tasks.splice(0, 1);
    },
    [
      "SumsFlow: fit-it waits for start, which is no task of it.",
      "SumsFlow: end waits for start, which is no task of it.",
    ],
  );
  check(
    (each) => each.spec.templates.push(...each.spec.templates.slice(3)) && undefined,
    ["Two templates are called end."],
  );
});

test("a manifest of another form, an amount that is none and a step that is missing are named", () => {
  assert.match(checkManifest({ kind: "Workflow" }, []).join(" "), /apiVersion: .*kind: .*metadata: .*spec: /);
  assert.deepEqual(checkManifest(manifest(), ["start", "prepare"]), [
    "end: many is no amount of memory.",
    "The step prepare is missing.",
  ]);
});

const PYTHON = "/w/.venv/bin/python";

function read(stdout: string, stderr = "", exitCode = 0) {
  const placeholders = new Map([["http://127.0.0.1:4711", ""]]);
  return readManifestOutput({ exitCode, stdout, stderr }, { python: PYTHON, placeholders });
}

test("the manifest is found after what the flow printed, without the address of this machine", () => {
  const env = [
    { name: "METAFLOW_S3_ENDPOINT_URL", value: "http://127.0.0.1:4711" },
    { name: "A", value: "b" },
  ];
  assert.deepEqual(read(`hello {\n{\n"kind": "X", "env": ${JSON.stringify(env)}}\n`), {
    kind: "X",
    env: [{ name: "A", value: "b" }],
  });
});

function lacks(stderr: string, expected: RegExp): void {
  assert.throws(() => read("", stderr, 1), { message: expected });
}

test("what Metaflow lacks is said with the way to get it", () => {
  lacks("Could not import module 'kubernetes'.", /kubernetes, which \/w\/.*pip install kubernetes/);
  lacks("ModuleNotFoundError: No module named 'metaflow'", /Metaflow is not installed/);
  lacks(
    "    Micromamba ran into an error while setting up environment:\n    Micromamba installation 'curl -Ls https://micro.mamba.pm' failed:",
    /could not download micromamba for that\. Put micromamba on the PATH/,
  );
  lacks("Error: No such option: --only-json", /does not know --only-json/);
  lacks("    Flow failed:\n    Names are too long", /exit code 1\): Flow failed: Names are too long/);
  assert.throws(() => read("no object"), { message: /gave no manifest/ });
});

test("a manifest is shown as YAML that reads back the same", () => {
  const text = manifestText(manifest(), ["A problem."]);
  assert.match(text, /^# What Metaflow would give to Argo Workflows.*\n[^]*# Problems:\n# {3}A problem\.\n/);
  assert.deepEqual(parse(text), manifest());
});
