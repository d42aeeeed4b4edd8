import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { statementsOf } from "../../../src/core/knowledge/evidence.ts";
import type { Reading } from "../../../src/core/knowledge/manifests/reading.ts";
import { readRequirementsTxt } from "../../../src/core/knowledge/manifests/requirementsTxt.ts";
import { formatSpecifiers } from "../../../src/core/knowledge/pep/specifier.ts";
import { FactIndex } from "../../../src/node/knowledge/factIndex.ts";
import { readIncludes } from "../../../src/node/knowledge/includes.ts";
import { assertScales } from "../../support/assertScales.ts";
import { factsOf } from "../../support/factsOf.ts";
import { runPython } from "../../support/python.ts";
import { scriptWorkspace } from "../../support/scriptWorkspace.ts";

test("does not follow a link out of the workspace, nor read what is no file", async () => {
  await using workspace = await scriptWorkspace();
  await using elsewhere = await scriptWorkspace();
  await elsewhere.write("secret.txt", "key : hunter2 hunter2\n");
  await workspace.write("requirements.txt", "-r link.txt\n-r inner.txt\n-r folder\n-r a\0b\n");
  await workspace.write("folder/base.list", "torch\n");
  await symlink(join(elsewhere.folder, "secret.txt"), join(workspace.folder, "link.txt"));
  await symlink(join(workspace.folder, "folder/base.list"), join(workspace.folder, "inner.txt"));
  const index = new FactIndex(workspace.folder);
  await index.scan();
  const { facts, problems } = index.facts({});
  assert.deepEqual(
    facts.map(({ value, source }) => `${value} ${source?.path}`),
    ["torch inner.txt"],
  );
  assert.deepEqual(
    problems.map(({ message }) => message),
    [
      "`link.txt` is a link that leads out of the workspace folder and was not read.",
      "`folder` cannot be read: there is no such file.",
      "`a\0b` cannot be read: there is no such file.",
    ],
  );
});

function include(count: number, name: (index: number) => string): Reading {
  const written = Array.from({ length: count }, (_, index) => `-r ${name(index)}`).join("\n");
  return readRequirementsTxt({ path: "requirements.txt", text: written });
}

test("follows thousands of includes in the time of their number", async () => {
  await using workspace = await scriptWorkspace();
  assertScales(
    "two files that include many",
    (size) =>
      readIncludes(
        workspace.folder,
        new Map([
          ["requirements.txt", include(size, () => "b.txt")],
          ["b.txt", include(size, (index) => `c${index}.txt`)],
        ]),
      ),
    500,
  );
  assertScales(
    "a chain that ends where it begins",
    (size) => {
      const chain = Array.from({ length: size }, (_, index): [string, Reading] => [
        `${index}.txt`,
        include(1, () => `${(index + 1) % size}.txt`),
      ]);
      const last = readIncludes(workspace.folder, new Map(chain)).get(`${size - 1}.txt`);
      assert.deepEqual(
        last?.problems.map(({ code }) => code),
        ["include-cycle"],
      );
    },
    500,
  );
});

/** What pip makes of a file with all that it includes: each requirement, and whether it is only a constraint. */
const PIP = `
import json
from pip._internal.network.session import PipSession
from pip._internal.req.req_file import parse_requirements
parsed = parse_requirements("requirements.txt", session=PipSession())
print(json.dumps(sorted({f"{'constraint' if each.constraint else 'declared'} {each.requirement}" for each in parsed})))
`;

async function standingsIn(folder: string): Promise<string[]> {
  const index = new FactIndex(folder);
  await index.scan();
  const found = statementsOf(index.evidence({}), "package").map(
    ({ standing, requirement: { name, specifiers } }) => `${standing} ${name}${formatSpecifiers(specifiers)}`,
  );
  return [...new Set(found)].toSorted();
}

test("whether a file requires or limits is said by the option that includes it, as pip has it", async () => {
  const cases: Record<string, string>[] = [
    { "requirements.txt": "-r constraints.txt\n", "constraints.txt": "torch==2.3.0\n" },
    { "requirements.txt": "torch\n-c requirements-pins.txt\n", "requirements-pins.txt": "tensorflow==2.16.1\n" },
    { "requirements.txt": "-c pins.list\n", "pins.list": "-r more.txt\njax==0.4\n", "more.txt": "flax==0.8\n" },
    {
      "requirements.txt": "-r a.txt\n-c c/requirements-all.txt\n",
      "a.txt": "-r c/requirements-all.txt\n",
      "c/requirements-all.txt": "torch==2\n",
    },
    { "requirements.txt": "-r a.txt\n", "a.txt": "-c constraints.txt\nnumpy\n", "constraints.txt": "numpy==1.26\n" },
  ];
  for (const files of cases) {
    await using workspace = await scriptWorkspace();
    for (const [path, text] of Object.entries(files)) {
      await workspace.write(path, text);
    }
    const { stdout, stderr } = await runPython(["-c", PIP], { cwd: workspace.folder });
    const all: string[] = JSON.parse(stdout || JSON.stringify([stderr]));
    // What is both is installed.
    const expected = all.filter(
      (line) => line.startsWith("declared") || !all.includes(line.replace("constraint", "declared")),
    );
    assert.deepEqual(await standingsIn(workspace.folder), expected, JSON.stringify(files));
  }
});

test("a file that is installed by itself stays a requirement where another one is layered on it", async () => {
  const layered: Record<string, string>[] = [
    { "requirements.txt": "torch==2\n", "dev-requirements.in": "-c requirements.txt\npytest\n" },
    { "requirements/prod.txt": "torch==2\n", "requirements/dev.in": "-c prod.txt\npytest\n" },
  ];
  for (const files of layered) {
    const { facts } = await factsOf(files);
    assert.deepEqual(
      facts.filter(({ key }) => key === "ml_framework").map(({ value, why }) => `${value} · ${why}`),
      ["torch ==2 · declared"],
    );
  }
});

test("finds what an image or a script installs from where the build or the run would find it", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("requirements/prod.txt", "torch==2.4\n");
  await workspace.write("base.txt", "pandas\n");
  await workspace.write("api/requirements.txt", "xgboost\n");
  await workspace.write("scripts/setup.sh", "pip install -r base.txt\n");
  await workspace.write(
    "docker/Dockerfile",
    [
      "FROM python:3.11",
      "WORKDIR /app",
      "COPY --chown=me requirements/prod.txt /tmp/requirements.txt",
      "RUN pip install -r /tmp/requirements.txt",
      "RUN --mount=type=bind,source=api/requirements.txt,target=api.txt pip install -r api.txt",
      "RUN pip install -r made-by-the-build.txt -c $EXTRA",
      "",
    ].join("\n"),
  );
  const index = new FactIndex(workspace.folder);
  await index.scan();
  const { facts, problems } = index.facts({});
  assert.deepEqual(
    facts.flatMap(({ value, source }) => (/^(?:torch|pandas|xgboost)/.test(value) ? [`${value} ${source?.path}`] : [])),
    ["xgboost api/requirements.txt", "torch ==2.4 requirements/prod.txt", "pandas base.txt"],
  );
  assert.deepEqual(
    problems.map(({ severity, message, range }) => `${severity} ${range.start.line + 1} ${message}`),
    ["made-by-the-build.txt", "$EXTRA"].map(
      (path) => `information 6 \`${path}\` is no file of this workspace, so that what it asks for is not known.`,
    ),
  );
});
