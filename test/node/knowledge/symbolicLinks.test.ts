import assert from "node:assert/strict";
import { mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { FactIndex } from "../../../src/node/knowledge/factIndex.ts";
import { type ScriptWorkspace, scriptWorkspace } from "../../support/scriptWorkspace.ts";

async function link({ folder }: ScriptWorkspace, path: string, target: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await symlink(target, join(folder, path));
}

async function scanned({ folder }: ScriptWorkspace): Promise<FactIndex> {
  const index = new FactIndex(folder);
  await index.scan();
  return index;
}

function brief(index: FactIndex): string[] {
  return index.facts({}).facts.map(({ key, value, source }) => `${key} ${value} ${source?.path}`);
}

test("a manifest that is a link to a file of the workspace is read under its own name", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write(".shared/base.txt", "torch==2.4.0\n");
  await workspace.write(".shared/project.toml", '[project]\nrequires-python = ">=3.11"\n');
  await link(workspace, "requirements.txt", ".shared/base.txt");
  await link(workspace, "pyproject.toml", ".shared/project.toml");
  const index = await scanned(workspace);
  assert.deepEqual(brief(index), [
    "ml_framework torch ==2.4.0 requirements.txt",
    "python_version >=3.11 pyproject.toml",
  ]);
  assert.deepEqual(index.facts({}).omissions, []);
  await workspace.write(".shared/base.txt", "jax\n");
  await index.update([]);
  assert.deepEqual(brief(index)[0], "ml_framework jax requirements.txt");
});

test("a linked folder is entered once: not where it is known by its own name, nor behind a second link", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write(".shared/team/requirements.txt", "torch\n");
  await workspace.write("src/train.py", "import jax\n");
  await workspace.write("src/requirements.txt", "jax\n");
  await link(workspace, "team", ".shared/team");
  await link(workspace, "again", ".shared/team");
  await link(workspace, "code", "src");
  await link(workspace, "train.py", "src/train.py");
  await link(workspace, ".shared/team/inner", ".");
  const index = await scanned(workspace);
  const requirements = index.evidence({}).layout.files.filter((path) => path.endsWith("requirements.txt"));
  assert.equal(requirements.length, 2, requirements.join(", "));
  assert.deepEqual(
    index.evidence({}).layout.files.filter((path) => path.endsWith("train.py")),
    ["src/train.py"],
  );
  assert.deepEqual(
    index
      .facts({})
      .facts.filter(({ key }) => key === "ml_framework")
      .map(({ value }) => value),
    ["jax", "torch"],
  );
  assert.match(index.facts({}).omissions.join(), /^The symbolic link `\w+\/inner` leads to a folder around itself/);
});

test("a change behind a link is seen, wherever it was told from", async () => {
  await using workspace = await scriptWorkspace();
  await workspace.write("deps/base.list", "torch\n");
  await link(workspace, "requirements.txt", "deps/base.list");
  const index = await scanned(workspace);
  await workspace.write("deps/base.list", "jax\n");
  await index.update(["deps/base.list"]);
  assert.deepEqual(brief(index), ["ml_framework jax requirements.txt"]);
  await rm(join(workspace.folder, "deps"), { recursive: true });
  await index.update(["deps"]);
  assert.deepEqual(brief(index), []);
  assert.match(index.facts({}).omissions.join(), /`requirements\.txt` leads to nothing/);
});

test("links that leave the workspace, lead around themselves, in a circle or nowhere are told, a few of many", async () => {
  await using workspace = await scriptWorkspace();
  await using elsewhere = await scriptWorkspace();
  await elsewhere.write("requirements.txt", "torch\n");
  await link(workspace, "a/requirements.txt", join(elsewhere.folder, "requirements.txt"));
  await link(workspace, "b/around", "..");
  await link(workspace, "c/pyproject.toml", "pyproject.toml");
  await link(workspace, "d/setup.cfg", "gone.cfg");
  await link(workspace, "data", elsewhere.folder);
  await link(workspace, "photo.png", join(elsewhere.folder, "photo.png"));
  await link(workspace, "gone", "nowhere");
  const { facts, omissions } = (await scanned(workspace)).facts({});
  assert.deepEqual(
    facts.map(({ key, value }) => `${key} ${value}`),
    ["data_dirs data"],
  );
  assert.deepEqual(omissions.toSorted(), [
    "The symbolic link `a/requirements.txt` leads out of the workspace folder and was not followed.",
    "The symbolic link `b/around` leads to a folder around itself and was not followed.",
    "The symbolic link `c/pyproject.toml` leads in a circle and was not followed.",
    "The symbolic link `d/setup.cfg` leads to nothing.",
    "The symbolic link `data` leads out of the workspace folder and was not followed.",
  ]);
  await Promise.all(Array.from({ length: 1_100 }, (_, number) => link(workspace, `many/${number}`, elsewhere.folder)));
  const more = (await scanned(workspace)).facts({}).omissions;
  assert.equal(more.length, 6);
  assert.match(more.at(-1) ?? "", /^1100 more symbolic links were not followed\.$/);
});
