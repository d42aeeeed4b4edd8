/*
 * What it costs to know what a checkpoint is, beside what others do for it, each in a process of its own:
 *
 *     node bench/checkpoints.mjs [python with torch] [gigabytes]
 *
 * The large file is as long as it says, and holes on the disk. picklescan, gguf, h5py and Netron (its sources, as its
 * package brings them) are installed into a folder that is removed at the end. Three times are shown: what a process
 * needs that has read for long, what its first read took, which also loads code, and the median of the thirty after
 * that, in which Node still compiles. Ratios are those of the first of these times. Bytes are what the process asked
 * the system to read, which does not count what a mapped file brings in.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROUNDS = 31;
/** An editor runs all day: most of its reads are those of a process that has read before. */
const MANY_ROUNDS = 301;
const MEASURED_LAST = 30;
const COUNT = 1_000;
/**
 * Checkpoints of a classifier of digits, of a small network, of a fine-tuned vision model, and of a model of 85 million
 * parameters with the state of Adam; holes too, so that they fit on any disk. All of a folder are read by torch only
 * where that takes no minutes.
 */
const FOLDERS = [
  { name: "many_tiny", bytes: 20e3, isReadWhole: true },
  { name: "many_small", bytes: 3e6, isReadWhole: true },
  { name: "many", bytes: 64e6, isReadWhole: true },
  { name: "many_large", bytes: 1e9, isReadWhole: false },
];
const run = promisify(execFile);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const python = process.argv[2] ?? "examples/digits/.venv/bin/python";
const largeBytes = Number(process.argv[3] ?? 10) * 1e9;
/** torch.load takes as much memory as the file is large. */
const smallerBytes = Math.min(largeBytes, 2e9);
const folder = mkdtempSync(join(tmpdir(), "trainyard-bench-"));
const peers = join(folder, "peers");

async function inPython(...args) {
  const env = { ...process.env, PYTHONPATH: peers };
  return JSON.parse(
    (await run(python, [here("checkpointsPeer.py"), ...args], { env })).stdout.trim().split("\n").at(-1),
  );
}

async function inNode(...args) {
  return JSON.parse((await run(process.execPath, [here("checkpointsNode.mjs"), ...args])).stdout);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

const withoutFirst = ({ times }) => (times.length > 1 ? times.slice(1) : times);
const early = (row) => median(withoutFirst(row).slice(0, MEASURED_LAST));
const usual = (row) => median(withoutFirst(row).slice(-MEASURED_LAST));
const shown = (ms) => (ms < 10 ? ms.toFixed(2) : ms.toFixed(0));

function show(title, rows) {
  console.log(`\n${title}`);
  const [[, own]] = rows;
  for (const [name, row] of rows) {
    const ratio =
      row === own
        ? ""
        : ` · ${(usual(row) / usual(own)).toFixed(1)} × (first read ${(row.times[0] / own.times[0]).toFixed(1)} ×)`;
    const cost = `${shown(usual(row))} ms, first ${shown(row.times[0])}, then ${shown(early(row))} ms · ${(row.bytes / 1024).toFixed(0)} KiB read · ${row.megabytes.toFixed(0)} MB more memory`;
    console.log(`  ${name.padEnd(44)} ${cost}${ratio} · ${row.result}`);
  }
}

/** The middle one of three processes: how well Node compiles a loop differs from one to the next. */
async function typical(measure) {
  const rows = [await measure(), await measure(), await measure()];
  return rows.toSorted((a, b) => usual(a) - usual(b))[1];
}

const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(0)} GB`;

async function compareLarge() {
  const large = join(folder, "large.pt");
  const smaller = join(folder, "smaller.pt");
  show(`a .pt of ${gigabytes(statSync(large).size)}, 601 tensors`, [
    ["Trainyard", await typical(() => inNode("own", large, `${MANY_ROUNDS}`))],
    ["torch.load(mmap=True, weights_only=True)", await typical(() => inPython("mmap", large, `${MANY_ROUNDS}`))],
    ["picklescan", await inPython("picklescan", large, "3")],
    ["Netron", await inNode("netron", large, "2", join(peers, "netron"))],
  ]);
  show(`a .pt of ${gigabytes(statSync(smaller).size)}, since torch.load takes as much memory`, [
    ["Trainyard", await typical(() => inNode("own", smaller, `${MANY_ROUNDS}`))],
    ["torch.load(weights_only=True)", await inPython("load", smaller, "3")],
  ]);
}

async function compareFolder({ name, bytes, isReadWhole }) {
  const many = join(folder, name);
  const own = await inNode("newest", many, `${MANY_ROUNDS}`);
  const fresh = await inNode("fresh", many, `${ROUNDS}`);
  const described = await inNode("folder", many, "7");
  const first = await inPython("newest", many, isReadWhole ? "7" : "3");
  const all = isReadWhole ? [["try: torch.load of all, newest by its step", await inPython("all", many, "1")]] : [];
  const rows = [
    ["Trainyard, until the choice is settled", own],
    ["Trainyard, the same with nothing remembered", fresh],
    ["Trainyard, all of them described (remembered from the first time on)", described],
    ["try: torch.load, until one loads", first],
    ...all,
  ];
  const expected = `step_${COUNT - 6}.pt`;
  const wrong = rows.filter(([, { result }]) => result !== expected).length;
  const size = bytes < 1e6 ? `${bytes / 1e3} kB` : `${bytes / 1e6} MB`;
  show(`the one to resume from of ${COUNT} checkpoints of ${size}, the five newest torn; ${wrong} wrong picks`, rows);
}

async function compareOthers() {
  const gguf = join(folder, "model.gguf");
  const h5 = join(folder, "model.h5");
  show("a .gguf of 79 MB, 300 tensors, 32,000 tokens", [
    ["Trainyard", await inNode("own", gguf, `${MANY_ROUNDS}`)],
    ["gguf.GGUFReader", await inPython("gguf", gguf, `${ROUNDS}`)],
    ["Netron", await inNode("netron", gguf, "3", join(peers, "netron"))],
  ]);
  show("a .h5 of 79 MB, 300 datasets", [
    ["Trainyard", await inNode("own", h5, `${MANY_ROUNDS}`)],
    ["h5py, names and shapes", await inPython("h5", h5, `${ROUNDS}`)],
  ]);
  const distributed = join(folder, "distributed");
  show("a folder of torch.distributed.checkpoint, 601 tensors", [
    ["Trainyard", await inNode("own", distributed, `${MANY_ROUNDS}`)],
    ["FileSystemReader.read_metadata", await inPython("distributed", distributed, `${ROUNDS}`)],
  ]);
}

try {
  const pip = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--no-deps",
    "--target",
    peers,
    "picklescan",
    "pyyaml",
    "requests",
    "tqdm",
    "gguf",
    "h5py",
    "netron",
  ];
  execFileSync(python, pip, { stdio: ["ignore", "ignore", "ignore"] });
  writeFileSync(join(peers, "netron", "package.json"), '{"type":"module"}');
  await inPython(
    "make",
    folder,
    `${largeBytes}`,
    `${smallerBytes}`,
    `${COUNT}`,
    ...FOLDERS.map(({ name, bytes }) => `${name}=${bytes}`),
  );
  console.log(`load of the machine ${loadavg()[0].toFixed(1)}`);
  await compareLarge();
  for (const each of FOLDERS) {
    await compareFolder(each);
  }
  await compareOthers();
  console.log(`\nload of the machine ${loadavg()[0].toFixed(1)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
