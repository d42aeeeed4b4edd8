import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, checkManifest as check, readManifest } from "../../support/manifestReading.ts";

function lines(...written: readonly string[]): string {
  return `${written.join("\n")}\n`;
}

test("puts the variables of a Makefile in their places, as make does", () => {
  const cases: [assignments: string[], recipe: string, command: string][] = [
    [["PYTHON := python3"], "$(PYTHON) train.py", "python3 train.py"],
    [["PYTHON ?= python3"], "${PYTHON} train.py", "python3 train.py"],
    [["PYTHON = python3  # of the system"], "$(PYTHON) train.py", "python3 train.py"],
    [["export PYTHON = python3"], "@-$(PYTHON) train.py", "python3 train.py"],
    [["PYTHON = python3", "PYTHON ?= python2"], "$(PYTHON) train.py", "python3 train.py"],
    [["RUN = $(PYTHON) -m", "PYTHON = python3"], "$(RUN) train", "python3 -m train"],
    [["A = 1", "B := $(A)", "A = 2"], "python train.py --a $(A) --b $(B)", "python train.py --a 2 --b 1"],
    [["ARGS = --lr 1", "ARGS += --epochs 3"], "python train.py $(ARGS)", "python train.py --lr 1 --epochs 3"],
    [["ARGS = --lr 1 \\", "  --epochs 3"], "python train.py $(ARGS)", "python train.py --lr 1 --epochs 3"],
    [["LOOP = $(LOOP) x"], "python train.py $(LOOP)", "python train.py $(LOOP) x"],
    [["P != which python"], "$(P) train.py", "$(P) train.py"],
    [[], "$(PYTHON) train.py --n $(words a b)", "$(PYTHON) train.py --n $(words a b)"],
    [[], "echo $$HOME && $(MAKE) fit", "echo $HOME && make fit"],
    [["ifeq ($(CI),1)", "P = a", "else", "P = b", "endif"], "$(P) train.py", "a train.py"],
    [["define HELP", "train: x", "endef", "P = python"], "$(P) train.py", "python train.py"],
  ];
  for (const [assignments, recipe, command] of cases) {
    const line = assignments.length + 1;
    check("Makefile", lines(...assignments, "train:", `\t${recipe}`), [`make train: ${command} @${line}`]);
  }
});

test("reads a recipe that begins behind a semicolon, and variables of one target", () => {
  check("Makefile", lines("train: ; python train.py", "eval: data; @python eval.py", "\techo done"), [
    "make train: python train.py @1",
    "make eval: python eval.py @2",
  ]);
  check("Makefile", lines("train: data ## fits; then waits", "\tpython train.py"), ["make train: python train.py @1"]);
  check(
    "Makefile",
    lines(
      "LR = 1",
      "train: LR = 2",
      "train: data",
      "\tpython train.py --lr $(LR)",
      "fit:",
      "\tpython fit.py --lr $(LR)",
    ),
    ["make train: python train.py --lr 2 @3", "make fit: python fit.py --lr 1 @5"],
  );
  check("Makefile", lines("train:", "ifdef GPU", "\tpython train.py --gpu", "else", "\tpython train.py", "endif"), [
    "make train: python train.py --gpu && python train.py @1",
  ]);
});

test("a recipe that is indented with blanks stops make, and just takes it", () => {
  const recipe = lines("train:", "    python train.py --lr=1", "    python eval.py");
  const command = "python train.py --lr=1 && python eval.py @1";
  check("Makefile", recipe, [`make train: ${command}`], ["recipe-without-tab @2"]);
  check("justfile", recipe, [`just train: ${command}`]);
  check("Makefile", `.RECIPEPREFIX = >\n${recipe}`, [`make train: ${command.replace("@1", "@2")}`]);
  const words = lines("train:", "\tpython train.py", "  # note", "  ifdef GPU", "\tpython a.py", "  endif", "  LR = 1");
  check("Makefile", words, ["make train: python train.py && python a.py @1"]);
});

test("variables that double each other have an end", () => {
  const doubling = Array.from({ length: 60 }, (_, index) => `A${index} = $(A${index + 1})$(A${index + 1})`);
  check("Makefile", lines(...doubling, "A60 = x", "train:", "\t$(A0)", "fit:", "\tpython fit.py"), [
    "make train: $(A0) @62",
    "make fit: python fit.py @64",
  ]);
});

test("puts the plain variables of a justfile in their places", () => {
  check(
    "justfile",
    lines(
      'python := "python3"',
      "export lr := '0.1'",
      "now := `date`",
      "train epochs='3':",
      "    {{python}} train.py --lr {{ lr }} --epochs {{epochs}} {{now}}",
    ),
    ["just train: python3 train.py --lr 0.1 --epochs {{epochs}} {{now}} @4"],
  );
});

test("a script of PDM that is a list is one command, and so is one of several lines", () => {
  check(
    "pyproject.toml",
    lines(
      "[tool.pdm.scripts]",
      'fit = { cmd = ["python", "-m", "trainer", "--name", "a b"] }',
      'bare = ["python", "train.py"]',
      "[tool.pdm.scripts.train]",
      "cmd = [",
      '  "python",',
      '  "train.py",  # a comment',
      '  "--lr", "0.1",',
      "]",
      "[tool.pdm.scripts.text]",
      'cmd = """',
      "python train.py",
      '  --lr 0.1"""',
      "[tool.pdm.scripts.both]",
      'composite = ["fit", "python eval.py"]',
      "[tool.pdm.scripts.shelled]",
      'shell = """',
      "# first the data",
      "python data.py \\\\",
      "  --all",
      'python train.py"""',
    ),
    [
      "pdm run fit: python -m trainer --name 'a b' @2",
      "pdm run bare: python train.py @3",
      "pdm run train: python train.py --lr 0.1 @4",
      "pdm run text: python train.py --lr 0.1 @10",
      "pdm run both: fit && python eval.py @14",
      "pdm run shelled: python data.py --all && python train.py @16",
    ],
  );
  check("pyproject.toml", lines("[tool.hatch.envs.default.scripts]", 'all = ["python a.py", "python b.py"]'), [
    "hatch run all: python a.py && python b.py @2",
  ]);
  check("pixi.toml", lines("[tasks]", 'train = { cmd = ["python", "train.py"] }', 'fit = "python fit.py"'), [
    "pixi run train: python train.py @2",
    "pixi run fit: python fit.py @3",
  ]);
});

function setup(...keywords: readonly string[]): string {
  return lines("from setuptools import setup", "MIN = (3, 9)", 'OLDEST = ">=3.9"', "setup(", ...keywords, ")");
}

test("reads what pip installs in every form, and no more of the line", () => {
  const cases: [line: string, packages: string[]][] = [
    ["python -m pip install torch==2.1.0", ["torch ==2.1.0"]],
    ["python3 -m pip install -q torch && python train.py", ["torch"]],
    [".venv/bin/pip install torch  # the old one, for now", ["torch"]],
    ["pip3 install torch 2>&1 | tee install.log", ["torch"]],
    ["pip install torch > install.log", ["torch"]],
    ["uv pip install 'torch; python_version < \"3.9\"' wandb", ["torch", "wandb"]],
    ["if [ -z $X ]; then pip install torch; fi", ["torch"]],
    ["echo pip install torch", []],
    ["# pip install torch", []],
  ];
  for (const [line, packages] of cases) {
    const found = brief(readManifest("setup.sh", `${line}\n`)).filter((each) => !each.startsWith("bash setup.sh"));
    assert.deepEqual(
      found,
      packages.map((each) => `${each} @1`),
      line,
    );
  }
  check("setup.sh", "python -m pip install torch==2.1.0\npip install numpy==1.26.0\n", [
    "torch ==2.1.0 @1",
    "numpy ==1.26.0 @2",
    "bash setup.sh: python -m pip install torch==2.1.0 @1",
  ]);
});

test("versions that variables hold are read, and a package whose version only a run tells is named without it", () => {
  const script = (...rows: readonly string[]) =>
    brief(readManifest("setup.sh", lines(...rows))).filter((each) => !each.startsWith("bash "));
  assert.deepEqual(
    script("V=2.3.1", 'export W="4.1"', 'pip install torch==$V "transformers[torch]>=${W},<5" tqdm==${T:-4.66}'),
    ["torch ==2.3.1 @3", "transformers <5,>=4.1 @3", "tqdm ==4.66 @3"],
  );
  assert.deepEqual(script('PKGS="torch==2.1 wandb"', "V=1 && pip install $PKGS jax==$V"), [
    "torch ==2.1 @2",
    "wandb @2",
    "jax ==1 @2",
  ]);
  assert.deepEqual(
    script(
      "V=$(cat v)",
      "pip install torch==$V jax==$UNSET $FLAGS x$Y.whl",
      "if gpu; then",
      "W=1",
      "else",
      "W=2",
      "fi",
      "pip install tqdm==$W",
    ),
    ["torch @2", "jax @2", "tqdm @8"],
  );
  check(
    "Dockerfile",
    lines(
      "ARG TORCH=2.3.1 JAX=0.4",
      "FROM scratch AS base",
      "ARG TORCH",
      "ENV NP=1.26 LI='2.1'",
      "FROM base",
      "ENV TQ 4.66",
      "RUN V=3 && pip install torch==${TORCH} numpy==$NP lightning==$LI tqdm==$TQ wandb==$V",
      "RUN pip install jax==$JAX wandb==$V",
    ),
    [
      "torch ==2.3.1 (container) @7",
      "numpy ==1.26 (container) @7",
      "lightning ==2.1 (container) @7",
      "tqdm ==4.66 (container) @7",
      "wandb ==3 (container) @7",
      "jax (container) @8",
      "wandb (container) @8",
    ],
  );
});

test("words of a list stay the words of the command", () => {
  const words = '["python", "train.py", "--milestones", "30,60", "--name", "my run"]';
  const command = "python train.py --milestones 30,60 --name 'my run'";
  check("Dockerfile", `CMD ${words}\n`, [`docker build -f Dockerfile .: ${command} @1`]);
  check("Dockerfile", `ENTRYPOINT ["python", "train.py"]\nCMD ["--name", "my run"]\nFROM x\nCMD ["a"]\n`, [
    "docker build -f Dockerfile .: python train.py @1",
    "docker build -f Dockerfile .: python train.py --name 'my run' @2",
    "on container image x @3",
    "docker build -f Dockerfile .: a @4",
  ]);
  check("Dockerfile", "CMD [ -f x ] && python train.py --name 'my run'\n", [
    "docker build -f Dockerfile .: [ -f x ] && python train.py --name 'my run' @1",
  ]);
  check("Dockerfile", 'RUN ["pip", "install", "torch>=2"]\n', ["torch >=2 (container) @1"]);
  const args = '"args": ["--name", "my run", { "value": "a b", "quoting": "strong" }, "${workspaceFolder}/data"]';
  const shown = "--name 'my run' 'a b' data";
  check(
    ".vscode/launch.json",
    `{"configurations": [\n{"name": "a", "program": "\${workspaceFolder}/my train.py", ${args}},\n{"name": "b", "module": "m", ${args}}]}`,
    [
      `the launch configuration "a": python 'my train.py' ${shown} @2`,
      `the launch configuration "b": python -m m ${shown} @3`,
    ],
  );
  check(
    ".vscode/tasks.json",
    `{"tasks": [\n{"label": "a", "command": "python train.py && ls", ${args}},\n{"label": "b", "type": "process", "command": "/my bin/python", ${args}}]}`,
    [`the editor task "a": python train.py && ls ${shown} @2`, `the editor task "b": '/my bin/python' ${shown} @3`],
  );
});

test("says of what setup.py computes where it does so", () => {
  check("setup.py", setup("  python_requires=OLDEST,"), ["python >=3.9 @5"]);
  check("setup.py", setup('  python_requires=f">={MIN[0]}",'), [], ["computed-requirements @5"]);
  check(
    "setup.py",
    setup('  name="a",', '  python_requires=">=" + ".".join(map(str, MIN)),'),
    [],
    ["computed-requirements @6"],
  );
  check("setup.py", setup("  extras_require=read_extras(),"), [], ["computed-requirements @5"]);
  check("setup.py", setup("  **metadata,"), [], ["computed-requirements @4"]);
});

test("an option that names no file is a problem of its own", () => {
  check("requirements.txt", "-r\n-c \ntorch\n", ["torch @3"], ["missing-file-name @1", "missing-file-name @2"]);
  check("Dockerfile", "FROM scratch\nRUN pip install torch -r\n", ["torch (container) @2"], ["missing-file-name @2"]);
});

test("knows which file of the build context lies where in an image", () => {
  const cases: [instructions: string[], named: string, origin: string][] = [
    [[], "requirements.txt", "requirements.txt"],
    [["WORKDIR /app", "COPY . ."], "requirements.txt", "requirements.txt"],
    [["WORKDIR /app", "COPY . /app/"], "/app/api/reqs.txt", "api/reqs.txt"],
    [["COPY docker/reqs.txt /tmp/"], "/tmp/reqs.txt", "docker/reqs.txt"],
    [["COPY a.txt reqs/b.txt /tmp"], "/tmp/b.txt", "reqs/b.txt"],
    [["COPY ./src /opt/src"], "/opt/src/reqs.txt", "src/reqs.txt"],
    [["COPY src/ ."], "reqs.txt", "src/reqs.txt"],
    [["WORKDIR /w", "WORKDIR x", "COPY reqs/*.txt ./"], "/w/x/a.txt", "reqs/a.txt"],
    [['COPY ["with space.txt", "/tmp/r.txt"]'], "/tmp/r.txt", "with space.txt"],
    [["COPY old.txt /r.txt", "COPY new.txt /r.txt"], "/r.txt", "new.txt"],
    [["COPY --from=build /r.txt /tmp/r.txt"], "/tmp/r.txt", "/tmp/r.txt"],
  ];
  for (const [instructions, named, origin] of cases) {
    const text = lines("FROM scratch", ...instructions, `RUN pip install -r ${named}`);
    check("Dockerfile", text, [`requirements ${origin} @${instructions.length + 2}`]);
  }
});

function nox(words: string): string {
  return lines("@nox.session", "def tests(session):", `    session.install(${words})`);
}

test("reads what a session of nox installs from files", () => {
  check("noxfile.py", nox('"-r", "reqs/dev.in", "-c", "limits.txt", "pytest>=8", "-e", "."'), [
    "requirements reqs/dev.in @3",
    "constraints limits.txt @3",
    "pytest >=8 (nox) @3",
  ]);
  check("noxfile.py", nox('"--index-url", "https://example.org/simple", "torch", "-r", f"{x}.txt"'), [
    "torch (nox) @3",
  ]);
});

test("reads the lines of a shell that stand in a Dockerfile, and none of a file that it writes", () => {
  const text = lines(
    "FROM scratch",
    "COPY <<'EOT' /x.sh",
    "RUN pip install wandb",
    "EOT",
    "RUN <<EOF",
    "pip install -r base.txt",
    "pip install torch",
    "EOF",
    "RUN pip install numpy",
    "RUN cat <<NEVER && pip install ray",
    "RUN pip install jax",
  );
  check("Dockerfile", text, [
    "requirements base.txt @6",
    "torch (container) @7",
    "numpy (container) @9",
    "ray (container) @10",
    "jax (container) @11",
  ]);
});
