import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { locateAgentFile } from "../../../src/node/workflow/agentFiles.ts";
import { planAgentWrite, writeForAgent } from "../../../src/node/workflow/agentWrite.ts";
import { readTests } from "../../../src/node/workflow/testFiles.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { evidencePorts, openBench } from "../../support/workflowFolder.ts";
import { AT, shippedWorkflow, WRITER } from "../../support/workflows.ts";

const git = (folder: string, ...args: string[]) => execFileSync("git", args, { cwd: folder, stdio: "ignore" });

async function checkPlaces(workspace: string, places: { closed: readonly string[]; open: readonly string[] }) {
  for (const path of places.closed) {
    await assert.rejects(locateAgentFile(workspace, path), /do not write to/, path);
  }
  for (const path of places.open) {
    assert.equal((await locateAgentFile(workspace, path)).path, path);
  }
}

/** The writer of a development while it is at work, in a workspace of its own. */
async function openWriter(context: TestContext) {
  const workspaceFolder = temporaryFolder(context);
  const bench = await openBench(workspaceFolder, shippedWorkflow("ml-development"));
  await bench.finishUntil(({ phases }) => phases[6]?.tasks["model-plan"]?.kind === "done");
  await bench.apply({ kind: "task-started", task: "model-code" }, WRITER);
  const place = { store: bench.store, id: "w-1", workspaceFolder, at: AT };
  const write = (path: string, earlier?: string) =>
    writeForAgent(place, { agent: WRITER.name, path, content: "x = 1\n" }, { earlier });
  return { workspaceFolder, bench, write };
}

test("an agent reaches no repository by another name, and makes none", async (context) => {
  const workspace = temporaryFolder(context);
  git(workspace, "init", "--bare", "mirror");
  git(workspace, "init", "--separate-git-dir", "elsewhere", "project");
  await mkdir(join(workspace, "src", "head"), { recursive: true });
  await checkPlaces(workspace, {
    closed: [
      "mirror/hooks/post-update",
      "mirror/config",
      "elsewhere/hooks/pre-commit",
      "project/.git",
      "made/HEAD",
      "made/head",
      ".gitconfig",
    ],
    open: ["project/model.py", "src/head/classifier.py", "made/config", "docs/HEAD.md"],
  });
});

test("an agent writes no hook, wherever the settings of git look for hooks", async (context) => {
  const workspace = temporaryFolder(context);
  git(workspace, "init");
  git(workspace, "config", "core.hooksPath", "tools/checks");
  await checkPlaces(workspace, {
    closed: ["tools/checks/pre-commit", "tools/checks/lib/common.sh", ".githooks/pre-commit", "lefthook.yml"],
    open: ["tools/train.py"],
  });
  await checkPlaces(workspace, { closed: ["Tools/Checks/pre-commit"], open: ["Tools/train.py"] });
  await writeFile(join(workspace, "more.cfg"), "[core]\n\thooksPath = .\n");
  git(workspace, "config", "--unset", "core.hooksPath");
  git(workspace, "config", "include.path", "../more.cfg");
  await checkPlaces(workspace, { closed: ["pre-commit", "post-merge"], open: ["train.py", "src/pre-commit"] });
});

test("an agent writes nothing into caches and what runs of tests leave", (context) =>
  checkPlaces(temporaryFolder(context), {
    closed: [".pytest_cache", ".hypothesis", ".benchmarks", "htmlcov", ".tox", ".ipynb_checkpoints"].map(
      (folder) => `packages/model/${folder}/conftest.py`,
    ),
    open: ["benchmarks/speed.py"],
  }));

const OBEYED = `
  .devcontainer.json api/.devcontainer.json .vscode-test/x.json .VSCode-Server/data.json
  lefthook.yaml lefthook.toml .lefthook.toml .lefthook.json lefthook-local.yml .lefthook-local.yml .lefthook-local/x
  .huskyrc .huskyrc.json husky.config.js .hg/hgrc src/.hg/hgrc .gitmodules .pre-commit-config.yml
  CLAUDE.md docs/CLAUDE.local.md AGENTS.md src/agents.md GEMINI.md .cursorrules .windsurfrules .clinerules .clinerules/a.md
  .kiro/steering/a.md .roo/rules/a.md .roomodes .amazonq/rules/a.md opencode.json opencode.jsonc .opencode/agent/a.md
  .aider.conf.yml .aiderignore
  mise.toml .mise.toml mise.local.toml .mise/config.toml .env .env.local .env.production src/.ENV.test
  .npmrc web/.npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs .pypirc pip.conf pip.ini
  Jenkinsfile ci/Jenkinsfile.release azure-pipelines.yml azure-pipelines-gpu.yaml bitbucket-pipelines.yml .travis.yml
  .circleci/config.yml .gitlab-ci.yml .gitlab-ci.yaml .gitlab/ci/a.yml .buildkite/pipeline.yml .github/workflows/train.yml
  .gitea/workflows/ci.yml .forgejo/workflows/ci.yml .drone.yml .drone.star .woodpecker.yml .woodpecker/build.yml .woodpecker-gpu.yaml
  appveyor.yml .appveyor.yml .cirrus.yml .readthedocs.yaml .semaphore/semaphore.yml cloudbuild.yaml buildspec.yml .build.yml
  .teamcity/settings.kts .tekton/run.yaml Procfile render.yaml netlify.toml renovate.json .mergify.yml
  renovate.json5 .renovaterc .renovaterc.json .renovaterc.json5 .mergify/config.yml .mergify.yaml cloudbuild.json railway.json railway.toml
  nixpacks.toml .coderabbit.yaml .CodeRabbit.yml
  AGENT.md .agents/a.md .agent/rules/a.md .rules .continue/config.yaml .junie/guidelines.md QWEN.md .qwen/settings.json CRUSH.md
  crush.json .goosehints .kilocode/rules/a.md .roorules-code/a.md .augment-guidelines .trae/rules/a.md WARP.md mcp.json
  copilot-instructions.md docs/train.instructions.md prompts/plan.prompt.md my.agent.md .openhands/setup.sh .factory/a.md
  .exrc .nvim.lua .vimrc .vim/coc-settings.json .dir-locals.el src/.dir-locals.el .helix/languages.toml .fleet/run.json .project
  digits.sublime-project .gitpod.yml .idx/dev.nix .replit devfile.yaml .ycm_extra_conf.py .vs/launch.vs.json
  .gdbinit .lldbinit .pdbrc libtorch-gdb.py .ipython/startup/a.py ipython_config.py jupyter_server_config.py
  jupyter_notebook_config.json .Rprofile .octaverc .bashrc .zshenv .profile .bash_profile .ssh/config .netrc .aws/config
  sitecustomize.py src/usercustomize.py src/sitecustomize/__init__.py .flaskenv .config/mise.toml .config/git/config flake.nix
  shell.nix devenv.nix devbox.json .tool-versions uv.toml poetry.toml .condarc .cargo/config.toml .yarn/plugins/a.cjs .pnp.cjs bunfig.toml
  .pylintrc pylintrc.toml .flake8 mypy.ini web/eslint.config.mjs web/.eslintrc.json web/prettier.config.js
  .lintstagedrc.json commitlint.config.js .simple-git-hooks.cjs .overcommit.yml .lfsconfig .svn/a .jj/repo/config.toml
  .Forgejo/workflows/ci.yml .\u017f\u017fh/config .\u00dfh/config .g\u0131t/config .\uff47it/config .git\ufe0f/config .git\u034f/config
`;

const OF_THE_PROJECT = `
  .env.example .env.local.example web/.env.sample .env.template .environment src/env.py environment.yml
  README.md docs/pipelines.md src/agents.py agents/README.md claude.py src/lefthook.py promise.toml optimise.toml
  pip.py src/pipelines.yml jenkins.md pyproject.toml requirements.txt Dockerfile conf/opencode.yaml
  rules/labels.yaml src/agent.py docs/rules.md src/mcp.py prompts/summary.md config/train.yaml configs/project.yaml pixi.toml
  .python-version .gitattributes .editorconfig .dockerignore ruff.toml pytest.ini tox.ini conftest.py Makefile dvc.yaml
  src/customize.py deploy/k8s/serving.yaml src/gdb.py docs/netlify.md setup.cfg
  src/renovate/model.py renovate.py docs/coderabbit.yaml config/railway.yaml
`;

const pathsOf = (text: string) => text.trim().split(/\s+/);

test("an agent writes nothing that other programs run or obey by themselves, wherever it lies", (context) =>
  checkPlaces(temporaryFolder(context), { closed: pathsOf(OBEYED), open: pathsOf(OF_THE_PROJECT) }));

test("a folder, a path through a file and a file that is no text are refused in words, and nothing is written", async (context) => {
  const { workspaceFolder, bench, write } = await openWriter(context);
  const weights = Buffer.from([0x80, 0x02, 0xff, 0x00]);
  await mkdir(join(workspaceFolder, "data"));
  await writeFile(join(workspaceFolder, "model.pt"), weights);
  await writeFile(join(workspaceFolder, "names.txt"), Buffer.from("caf\u00e9\n", "latin1"));
  await writeFile(join(workspaceFolder, "zeros.bin"), "a\0b\n");
  await writeFile(join(workspaceFolder, "table.csv"), "a,b\n".repeat(600_000));
  const refused: Record<string, RegExp> = {
    data: /^data is a folder, so nothing was written\. Name a file\.$/,
    "README.md/model.py": /^A part of README\.md\/model\.py is a file and not a folder/,
    "model.pt": /^model\.pt is no text in UTF-8/,
    "zeros.bin": /^zeros\.bin is no text in UTF-8/,
    "names.txt": /^names\.txt is no text in UTF-8/,
    "table.csv": /^table\.csv has 2400000 bytes, which is too long/,
  };
  for (const [path, reason] of Object.entries(refused)) {
    const plan = await planAgentWrite(workspaceFolder, path, {});
    assert.match("refusal" in plan ? plan.refusal : "", reason, path);
    const before = (await bench.read()).refusals;
    await assert.rejects(write(path), { message: reason });
    assert.equal((await bench.read()).refusals, before + 1, path);
  }
  assert.deepEqual(await readFile(join(workspaceFolder, "model.pt")), weights);
});

test("bytes that are no text are not taken for the text that was shown", async (context) => {
  const { workspaceFolder, write } = await openWriter(context);
  const file = join(workspaceFolder, "notes.txt");
  await writeFile(file, "caf\ufffd\n");
  const shown = await planAgentWrite(workspaceFolder, "notes.txt", {});
  await writeFile(file, Buffer.from("caf\u00e9\n", "latin1"));
  await assert.rejects(write("notes.txt", "earlier" in shown ? shown.earlier : ""), /no text in UTF-8/);
  await writeFile(file, "\ufeffcaf\ufffd\n");
  await assert.rejects(write("notes.txt", "caf\ufffd\n"), /has changed since the person was asked/);
});

test("a project that lies in an environment of its own is a project: it is written to, and its code looked at", async (context) => {
  const workspace = temporaryFolder(context);
  await writeFile(join(workspace, "pyvenv.cfg"), "home = /usr/bin\n");
  await writeFile(join(workspace, "train.py"), "x = 1\n");
  await mkdir(join(workspace, ".benchmarks"));
  await writeFile(join(workspace, ".benchmarks", "left.py"), "x = 1\n");
  await checkPlaces(workspace, { closed: ["pyvenv.cfg"], open: ["model.py"] });
  const { code } = await readTests(evidencePorts(workspace), []);
  assert.deepEqual(Object.keys(code), ["."], "what runs of tests leave is no code");
});
