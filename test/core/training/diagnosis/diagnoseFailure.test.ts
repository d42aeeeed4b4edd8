import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEnd } from "../../../../src/core/training/diagnosis/classifyFailure.ts";
import { diagnoseFailure } from "../../../../src/core/training/diagnosis/diagnoseFailure.ts";
import type { EvidenceLine } from "../../../../src/core/training/diagnosis/diagnosis.ts";
import { renderDiagnosisBriefly } from "../../../../src/core/training/diagnosis/renderDiagnosis.ts";
import { readLabelledLogs } from "../../../support/labelledLogs.ts";

/** The wish; fewer right ones fail the test. */
const MIN_RIGHT = 0.95;
const MIN_ENDINGS = 80;
const MIN_HEALTHY = 30;

function numbered(texts: readonly string[]): EvidenceLine[] {
  return texts.map((text, index) => ({ line: index + 1, text }));
}

type LabelledEnding = { cause: string; end: RunEnd; name: string; lines: string[] };

/** `gpu-memory exit=1 kills=2 · name` */
function readEndings(): LabelledEnding[] {
  return ["failures1.txt", "failures2.txt", "failures3.txt", "failures4.txt"]
    .flatMap(readLabelledLogs)
    .map(({ heading, lines }) => {
      const [status = "", name = ""] = heading.split(" · ");
      const [cause = "", ...facts] = status.split(" ");
      const values = Object.fromEntries(facts.map((fact) => fact.split("=")));
      const number = (key: string) => (values[key] === undefined ? undefined : Number(values[key]));
      return {
        cause,
        name,
        lines,
        end: { exitCode: number("exit"), signal: values["signal"], memoryKills: number("kills") },
      };
    });
}

test("the cause of a labelled ending is found, and its evidence is a line of the log", (t) => {
  const endings = readEndings();
  assert.ok(endings.length >= MIN_ENDINGS, `${endings.length} endings`);
  const confusion = new Map<string, number>();
  const wrong: string[] = [];
  for (const { cause, end, name, lines } of endings) {
    const diagnosis = diagnoseFailure(numbered(lines), end);
    const said = diagnosis?.cause ?? "none";
    confusion.set(`${cause} → ${said}`, (confusion.get(`${cause} → ${said}`) ?? 0) + 1);
    if (said !== cause) {
      wrong.push(`${name}: ${cause} → ${said}`);
    }
    for (const { line, text } of diagnosis?.evidence ?? []) {
      assert.ok(lines[line - 1]?.includes(text), `${name}: line ${line} is not “${text}”`);
    }
  }
  for (const [pair, count] of [...confusion].toSorted(([a], [b]) => a.localeCompare(b))) {
    t.diagnostic(`${String(count).padStart(3)}  ${pair}`);
  }
  t.diagnostic(`${endings.length - wrong.length} of ${endings.length} right`);
  assert.ok(wrong.length <= endings.length * (1 - MIN_RIGHT), wrong.join("\n"));
});

test("a healthy log is not diagnosed, whether its exit code is known or not", () => {
  const logs = readLabelledLogs("healthy.txt");
  assert.ok(logs.length >= MIN_HEALTHY, `${logs.length} healthy logs`);
  for (const { heading, lines } of logs) {
    assert.equal(diagnoseFailure(numbered(lines), {})?.cause, undefined, heading);
    assert.equal(diagnoseFailure(numbered(lines), { exitCode: 0 })?.cause, undefined, heading);
  }
});

test("the line of the person's own code is named, also where Metaflow takes the indentation away", () => {
  const printed = [
    "Traceback (most recent call last):",
    'File "/w/.venv/lib/python3.11/site-packages/metaflow/task.py", line 113, in _exec_step_function',
    "step_function()",
    'File "/w/bad_flow.py", line 11, in fit',
    "self.loss = 1 / self.rate",
    "~~^~~~~~~~~~~",
    "ZeroDivisionError: float division by zero",
  ];
  const place = { line: 4, text: 'File "/w/bad_flow.py", line 11, in fit' };
  const lines = printed.map((text) => `2026-11-21 17:20:23.836 [17/fit/2 (pid 7647)] ${text}`);
  for (const each of [printed, lines]) {
    assert.deepEqual(diagnoseFailure(numbered(each), { exitCode: 1 })?.evidence[1], place);
  }
});

test("of several processes that fail one after the other, the first is the cause, also where no launcher says so", () => {
  const memory = failureOf(1, "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.");
  const file = failureOf(0, "FileNotFoundError: [Errno 2] No such file or directory: 'shard-1.bin'");
  assert.equal(diagnoseFailure(numbered([...memory, ...file]), { exitCode: 1 })?.cause, "gpu-memory");
  assert.equal(diagnoseFailure(numbered([...file, ...memory]), { exitCode: 1 })?.cause, "missing-file");
});

/** As torch prints the traceback of one process of several. */
function failureOf(rank: number, text: string): string[] {
  const lines = ["Traceback (most recent call last):", `  File "train.py", line ${rank + 1}, in <module>`, text];
  return lines.map((line) => `[rank${rank}]: ${line}`);
}

const TRACEBACK = ["Traceback (most recent call last):", '  File "/w/train.py", line 3, in <module>'];

function checkCause(lines: readonly string[], expected: string): void {
  assert.equal(diagnoseFailure(numbered(lines), { exitCode: 1 })?.cause, expected, lines.at(-1));
}

test("what the data lacks is no loss, and a missing key is a checkpoint's only where one is loaded", () => {
  checkCause([...TRACEBACK, "ValueError: Input X contains NaN."], "data-not-finite");
  checkCause(
    [...TRACEBACK, "ValueError: Input contains infinity or a value too large for dtype('float32')."],
    "data-not-finite",
  );
  checkCause([...TRACEBACK, "ValueError: cannot convert float NaN to integer"], "data-not-finite");
  checkCause([...TRACEBACK, "ValueError: Input y_pred contains NaN."], "nan-loss");
  checkCause(["epoch 1 loss nan", ...TRACEBACK, "ValueError: Input contains NaN."], "nan-loss");
  checkCause([...TRACEBACK, "RuntimeError: gradient of layer.0 contains NaN"], "nan-loss");
  checkCause([...TRACEBACK, '    width = cfg["model"]["width"]', "KeyError: 'model'"], "exception");
  checkCause([...TRACEBACK, '    model.load_state_dict(state["model"])', "KeyError: 'model'"], "foreign-checkpoint");
});

/** What PyTorch 2 prints where a worker dies while a batch comes over and Python shuts down on it, shortened. */
const BROKEN_CHANNEL = [
  "Traceback (most recent call last):",
  '  File "/w/train.py", line 11, in train_epoch',
  "    for step, (x, y) in enumerate(loader):",
  '  File "/v/lib/python3.11/site-packages/torch/utils/data/dataloader.py", line 1291, in _try_get_data',
  '  File "/v/lib/python3.11/site-packages/torch/multiprocessing/reductions.py", line 538, in rebuild_storage_fd',
  "ConnectionResetError: [Errno 104] Connection reset by peer",
];
const ignored = (opening: string, signal: string) => [
  opening,
  "Traceback (most recent call last):",
  '  File "/usr/lib/python3.11/weakref.py", line 637, in _select_for_exit',
  '  File "/v/lib/python3.11/site-packages/torch/utils/data/_utils/signal_handling.py", line 73, in handler',
  `RuntimeError: DataLoader worker (pid 324) is killed by signal: ${signal}. `,
];

function diagnosed(lines: readonly string[], end: RunEnd = { exitCode: 1 }) {
  const { cause, evidence } = diagnoseFailure(numbered(lines), end) ?? {};
  return { cause, evidence: evidence?.map(({ line, text }) => `${line} ${text}`) };
}

test("the end of a data-loader worker is proven by what PyTorch says of it, and by the person's own line", () => {
  const inWeakref =
    "Exception ignored in atexit callback: <bound method finalize._exitfunc of <class 'weakref.finalize'>>";
  const killed = "RuntimeError: DataLoader worker (pid 324) is killed by signal: Killed.";
  const place = '2 File "/w/train.py", line 11, in train_epoch';
  for (const opening of [
    inWeakref,
    "Exception ignored while calling deallocator <function DataLoaderIter.__del__ at 0x7f>:",
  ]) {
    const lines = [...BROKEN_CHANNEL, ...ignored(opening, "Killed")];
    assert.deepEqual(diagnosed(lines), { cause: "data-loader-worker", evidence: [`11 ${killed}`, place] });
    assert.equal(diagnosed(lines, { exitCode: 1, memoryKills: 1 }).cause, "host-memory");
  }
  assert.equal(diagnosed([...BROKEN_CHANNEL, ...ignored(inWeakref, "Bus error")]).cause, "shared-memory");
  const cutOff = ["object type name: ConnectionResetError", "object repr     : ", "lost sys.stderr"];
  const lines = [...BROKEN_CHANNEL.slice(0, 4), ...cutOff];
  assert.deepEqual(diagnosed(lines), { cause: "data-loader-worker", evidence: [place] });
  const ownFrameAlone = [...BROKEN_CHANNEL.slice(0, 2), ...cutOff, "object repr     : ConnectionResetError(104, 'x')"];
  assert.deepEqual(diagnosed(ownFrameAlone), { cause: "data-loader-worker", evidence: [place] });
  const [, ...open] = ignored("", "Killed");
  assert.deepEqual(diagnosed(open), { cause: "data-loader-worker", evidence: [`4 ${killed}`] });
});

function advice(lines: readonly string[], end: RunEnd & { interpreterPath?: string }): string {
  const { cause, advice: said } = diagnoseFailure(numbered(lines), end) ?? {};
  return `${cause}: ${said}`;
}

test("the advice fits the program: no keyboard for input, no Python where there is none", () => {
  const input = [
    "Traceback (most recent call last):",
    '  File "x.py", line 1, in <module>',
    "EOFError: EOF when reading a line",
  ];
  assert.match(advice(input, { exitCode: 1 }), /^exception: The program asked for input, and a run has no keyboard\./);
  assert.match(advice(["Epoch 1"], { exitCode: 3, interpreterPath: "/v/bin/python" }), /^unknown: Python prints every/);
  assert.match(advice(["Epoch 1"], { exitCode: 3, interpreterPath: "make" }), /^unknown: Look at its last lines/);
  const docker = [
    "docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.",
    "Run 'docker run --help'",
  ];
  assert.match(advice(docker, { exitCode: 125, interpreterPath: "docker" }), /^reported-error: /);
});

test("the sentence that a message announces with a colon is part of the proof", () => {
  const lines = [
    "Traceback (most recent call last):",
    '  File "/w/train.py", line 46, in <module>',
    "RuntimeError: Error(s) in loading state_dict for Net:",
    '\tMissing key(s) in state_dict: "a.weight".',
    '\tUnexpected key(s) in state_dict: "weight".',
  ];
  const { cause, evidence } = diagnoseFailure(numbered(lines), { exitCode: 1 }) ?? {};
  assert.equal(cause, "foreign-checkpoint");
  assert.deepEqual(
    evidence?.map(({ line }) => line),
    [3, 4, 2],
  );
});

test("an exception that stands alone is proven by what it says below, and compiled code is not the person's own", () => {
  const open = ["Traceback (most recent call last):", '  File "/w/train.py", line 4, in <module>'];
  const guard = [
    "RuntimeError: ",
    "",
    "        An attempt has been made to start a new process before the",
    "        current process has finished its bootstrapping phase.",
  ];
  const found = diagnoseFailure(numbered([...open, ...guard]), { exitCode: 1 });
  assert.equal(found?.cause, "main-guard");
  assert.match(found.evidence[0]?.text ?? "", /^An attempt has been made to start a new process/);
  assert.equal(found.evidence[0]?.line, 5);
  const parser = [
    '  File "pandas/_libs/parsers.pyx", line 838, in pandas._libs.parsers.read',
    "ParserError: Error tokenizing data.",
  ];
  const ofPandas = diagnoseFailure(numbered([...open, ...parser]), { exitCode: 1 });
  assert.deepEqual(
    ofPandas?.evidence.map(({ line }) => line),
    [4, 2],
  );
});

test("the advice says what to compare where the exception does not", () => {
  const gloo =
    "  what():  [enforce fail at pair.cc:456] 8 vs 4. Received data size doesn't match expected size. Is there a distributed collective mismatch in your code?";
  const aborted = ["terminate called after throwing an instance of 'gloo::EnforceNotMet'", gloo];
  assert.match(advice(aborted, { exitCode: -6 }), /^collective-error: The processes did not bring the same/);
  const open = ["Traceback (most recent call last):", '  File "/w/train.py", line 4, in <module>'];
  assert.match(advice([...open, "IndexError: Target 3 is out of bounds."], { exitCode: 1 }), /the largest label/);
  assert.match(advice([...open, "IndexError: index out of range in self"], { exitCode: 1 }), /num_embeddings/);
});

test("of a group of exceptions the last one inside is told, with the line of the person's own code", () => {
  const lines = [
    "  + Exception Group Traceback (most recent call last):",
    '  |   File "/w/train.py", line 10, in <module>',
    "  |     asyncio.run(main())",
    "  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)",
    "  +-+---------------- 1 ----------------",
    "    | Traceback (most recent call last):",
    '    |   File "/w/train.py", line 6, in b',
    "    | KeyError: 'k'",
    "    +---------------- 2 ----------------",
    "    | Traceback (most recent call last):",
    '    |   File "/w/train.py", line 4, in a',
    '    |     raise ValueError("bad value 3")',
    "    | ValueError: bad value 3",
    "    +------------------------------------",
  ];
  const diagnosis = diagnoseFailure(numbered(lines), { exitCode: 1 });
  assert.deepEqual(
    diagnosis?.evidence.map(({ line, text }) => `${line} ${text}`),
    ["13 ValueError: bad value 3", '11 File "/w/train.py", line 4, in a'],
  );
  // A table that is drawn with the same letters is no group.
  const table = ["  + ---- +", "  | RuntimeError: 3 |", "epoch 1 loss 0.5"];
  assert.equal(diagnoseFailure(numbered(table), { exitCode: 0 }), undefined);
});

test("text in place of a checkpoint, a disk that fails and the place of a YAML error are told", () => {
  assert.match(
    advice(["_pickle.UnpicklingError: invalid load key, 'v'."], { exitCode: 1 }),
    /^damaged-checkpoint: .*git lfs pull/,
  );
  assert.match(
    advice(["OSError: [Errno 116] Stale file handle: '/mnt/train.bin'"], { exitCode: 1 }),
    /^exception: The disk or/,
  );
  const yaml = [
    "yaml.scanner.ScannerError: mapping values are not allowed here",
    '  in "config.yaml", line 4, column 9',
  ];
  const found = diagnoseFailure(numbered(yaml), { exitCode: 1 });
  assert.equal(found?.evidence[1]?.text, 'in "config.yaml", line 4, column 9');
});

test("a path that ends in a carriage return comes from a file with the line ends of Windows", () => {
  for (const said of [
    String.raw`python3: can't open file '/w/train.py\r': [Errno 2] No such file or directory`,
    String.raw`FileNotFoundError: [Errno 2] No such file or directory: 'images/1.png\r'`,
    String.raw`cat: 'data/x'$'\r': No such file or directory`,
    String.raw`ls: cannot access $'data\r': No such file or directory`,
  ]) {
    assert.match(advice([said], { exitCode: 2 }), /^missing-file: The path ends in .*: sed -i 's\/\\r\$\/\/' FILE$/);
  }
  const windows = String.raw`FileNotFoundError: [Errno 2] No such file or directory: 'C:\\data\\r'`;
  assert.match(advice([windows], { exitCode: 1 }), /Check the path/);
});

test("a PyTorch without CUDA, no driver and an old driver are three things to do", () => {
  const steps = {
    "AssertionError: Torch not compiled with CUDA enabled": /built without CUDA.*install the build for CUDA/,
    "RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU":
      /install the driver.*--gpus all/,
    "RuntimeError: The NVIDIA driver on your system is too old (found version 11040).":
      /Update the driver, or install a PyTorch/,
    "RuntimeError: CUDA error: invalid device ordinal": /Compare CUDA_VISIBLE_DEVICES/,
    "RuntimeError: Failed to initialize NVML: Driver/library version mismatch": /Restart the machine/,
  };
  for (const [line, step] of Object.entries(steps)) {
    assert.match(advice([line], { exitCode: 1 }), new RegExp(`^gpu-driver: .*${step.source}`), line);
  }
});

const TAKEN =
  "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB of which 1.02 GiB is free. Process 998 has 512.00 MiB memory in use. Process 1234 has 70.11 GiB memory in use. Including non-PyTorch memory, this process has 4.02 GiB memory in use.";

test("of a GPU that another process fills, that process is named and no smaller batch", () => {
  assert.match(
    advice([TAKEN], { exitCode: 1 }),
    /^gpu-memory: Another process, 1234, holds 70\.11 GiB .*ps -o \S+ -p 1234/,
  );
  const own = TAKEN.replace("this process has 4.02 GiB", "this process has 75.00 GiB");
  assert.match(advice([own], { exitCode: 1 }), /^gpu-memory: Use a smaller batch/);
});

test("the notice of a failure names the line of the person's own code", () => {
  const lines = ["Traceback (most recent call last):", '  File "/w/train.py", line 46, in <module>', TAKEN];
  const diagnosis = diagnoseFailure(numbered(lines), { exitCode: 1 });
  assert.ok(diagnosis);
  assert.match(
    renderDiagnosisBriefly("digits", { diagnosis }),
    / \(train\.log line 3\), at train\.py line 46\. Another/,
  );
});

test("what a shell says of a program that a signal ended is proof, whatever the script ends with", () => {
  const killed = "/w/job.sh: line 3: 12530 Killed                  python train.py";
  assert.match(
    advice(["Epoch 1", killed, "done"], { exitCode: 0, interpreterPath: "/bin/bash" }),
    /^killed: It ended with exit code 0 all the same: a script/,
  );
  const made = ["Epoch 1", "make: *** [Makefile:2: train] Killed"];
  const found = diagnoseFailure(numbered(made), { exitCode: 2, interpreterPath: "make", memoryKills: 0 });
  assert.deepEqual([found?.cause, found?.evidence[0]?.line], ["killed", 2]);
  assert.deepEqual(found?.facts, ["The kernel killed nothing for lack of memory meanwhile."]);
  assert.match(advice(made, { exitCode: 2, memoryKills: 1 }), /^host-memory: /);
  const helper = "/w/job.sh: line 9: 77 Terminated              tensorboard --logdir runs";
  assert.equal(diagnoseFailure(numbered(["Epoch 1", helper, "done"]), { exitCode: 0 }), undefined);
});

test("a script that goes on after its program failed is told, a program that caught its exception not", () => {
  const failed = [
    "Traceback (most recent call last):",
    '  File "/w/train.py", line 4, in <module>',
    "KeyError: 'lr'",
    "done",
  ];
  assert.match(advice(failed, { exitCode: 0, interpreterPath: "./job.sh" }), /^exception: .* a script goes on after/);
  assert.equal(diagnoseFailure(numbered(failed), { exitCode: 0, interpreterPath: "/v/bin/python" }), undefined);
  const again = [...failed, ...[1, 2, 3].map((epoch) => `Epoch ${epoch}/3 loss: 0.5`)];
  assert.equal(diagnoseFailure(numbered(again), { exitCode: 0, interpreterPath: "./job.sh" }), undefined);
});

const STAGE_FAILED = [
  "Traceback (most recent call last):",
  '  File "/w/train.py", line 4, in <module>',
  "KeyError: 'lr'",
];

function epochs(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `Epoch ${from + index}/${to} loss: 0.5`);
}

test("a stage that failed is told however many epochs its script printed behind it, unless the script looks for that", () => {
  const stages = [...epochs(1, 2), ...STAGE_FAILED, ...epochs(1, 4), ...epochs(1, 4)];
  const end = { exitCode: 0, interpreterPath: "bash", goesOnAfterFailure: true };
  assert.deepEqual(diagnoseFailure(numbered(stages), end)?.evidence[0], { line: 5, text: "KeyError: 'lr'" });
  assert.match(advice([...STAGE_FAILED, ...epochs(1, 4)], end), /^exception: .* a script goes on after/);
  assert.equal(diagnoseFailure(numbered(stages), { ...end, goesOnAfterFailure: false }), undefined, "a retry");
  const late = ["Epoch 2/3 loss: 0.5", "Epoch 1/3 loss: 0.9", ...STAGE_FAILED, ...epochs(2, 3), ...epochs(1, 3)];
  assert.equal(diagnoseFailure(numbered(late), end)?.evidence[0]?.line, 5);
  const caught = [...epochs(1, 2), ...STAGE_FAILED, ...epochs(3, 9)];
  assert.equal(diagnoseFailure(numbered(caught), end), undefined);
  assert.equal(diagnoseFailure(numbered(stages), { ...end, interpreterPath: "/v/bin/python" }), undefined);
});

test("a program that a script did not find is told, unless much was trained behind it", () => {
  for (const said of [
    "bash: line 1: nosuchprogram: command not found",
    "sh: 1: nosuchprogram: not found",
    "zsh:1: command not found: nosuchprogram",
  ]) {
    const end = { exitCode: 0, interpreterPath: "bash" };
    assert.match(advice([said, "ok"], end), /^missing-program: It ended with exit code 0 all the same: a script/);
    assert.equal(diagnoseFailure(numbered([said, ...epochs(1, 3)]), end), undefined);
  }
});

test("an exit code that stands for a signal or a limit is told as one", () => {
  const end = { exitCode: 137, memoryKills: 0 };
  assert.deepEqual(diagnoseFailure(numbered(["Epoch 1"]), end)?.facts, [
    "Exit code 137 is 128 + 9, which stands for SIGKILL.",
    "The kernel killed nothing for lack of memory meanwhile.",
  ]);
  assert.match(
    advice(["Epoch 1"], { exitCode: 124, interpreterPath: "timeout" }),
    /^time-limit: Resume .* Ask for more time/,
  );
  assert.match(advice(["Epoch 1"], { exitCode: 124, interpreterPath: "/v/bin/python" }), /^unknown: /);
  assert.match(advice(["Epoch 1"], { signal: "SIGXCPU" }), /^time-limit: /);
  assert.match(advice(["OSError: [Errno 27] File too large"], { exitCode: 1 }), /^file-limit: .*ulimit -f/);
});

test("a program that the shell does not find or may not start is named", () => {
  for (const said of [
    "bash: line 1: pythn: command not found",
    "sh: 1: pythn: not found",
    "zsh:1: command not found: pythn",
  ]) {
    assert.match(
      advice(["Loading modules", said], { exitCode: 127 }),
      /^missing-program: pythn is not on the PATH/,
      said,
    );
  }
  assert.match(advice(["bash: line 1: nvidia-smi: command not found", "Epoch 1"], { exitCode: 1 }), /^unknown: /);
  assert.match(
    advice(["bash: line 1: ./x.sh: Permission denied"], { exitCode: 126 }),
    /^permission: \.\/x\.sh may not be executed\. .*chmod \+x \.\/x\.sh/,
  );
});
