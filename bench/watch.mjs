/*
 * What it costs to watch the folders of many runs, and how soon a finished checkpoint is announced:
 *
 *     node --expose-gc bench/watch.mjs [runs] [files in each]
 *
 * Every file is a checkpoint. A writer in a process of its own finishes one after another: renamed into place, as most
 * libraries do, or written in pieces under its own name. Its time of completion is compared with that of the
 * announcement; what the completeness check takes is measured apart: reading the file, and for one that is written
 * under its own name the rest that it must have had. Then as many events as an hour of a hundred trainings has are
 * played, and the memory is looked at on the way.
 */
import { fork } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const RUNS = Number(process.argv[2] ?? 1_000);
const FILES = Number(process.argv[3] ?? 100);
const ROUNDS = 200;
/** A hundred trainings that save each minute, and delete what they saved before. */
const EVENTS_OF_AN_HOUR = 6_000;
const SETTLE_MS = 100;
const PIECE_BYTES = 100_000;
const script = fileURLToPath(import.meta.url);

const { buildCheckpoint } = await import("../test/support/checkpointBuilders.ts");

/** Milliseconds since 1970 with fractions, the same in both processes. */
const nowMs = () => performance.timeOrigin + performance.now();

function writeRenamed(path, bytes) {
  writeFileSync(`${path}.tmp`, bytes);
  renameSync(`${path}.tmp`, path);
}

/** As slowly as a large model, so that it is seen before it is finished. */
async function writeInPieces(path, bytes) {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    writeFileSync(path, bytes.subarray(at, at + PIECE_BYTES), { flag: "a" });
    if (at + PIECE_BYTES < bytes.length) {
      await delay(15);
    }
  }
}

function serveAsWriter() {
  const bytes = buildCheckpoint(7, 100_000);
  process.on("message", async ({ manner, path }) => {
    await (manner === "renamed" ? writeRenamed(path, bytes) : writeInPieces(path, bytes));
    process.send({ doneMs: nowMs() });
  });
}

const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)];
const shown = (values) => `p50 ${quantile(values, 0.5).toFixed(1)} ms, p95 ${quantile(values, 0.95).toFixed(1)} ms`;
const megabytes = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
};

/** What a descriptor stands for; one of them is that of the listing itself, and closed again. */
function linkOf(fd) {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

/** Watches that the system holds for this process. */
function watchCount() {
  const own = readdirSync("/proc/self/fd").filter((fd) => linkOf(fd) === "anon_inode:inotify");
  const lines = own.flatMap((fd) => readFileSync(`/proc/self/fdinfo/${fd}`, "utf8").split("\n"));
  return lines.filter((line) => line.startsWith("inotify wd:")).length;
}

class Announcements {
  #waiting = new Map();
  counts = { listed: 0, complete: 0, torn: 0 };
  seen = new Map();

  take = (event) => {
    if (event.kind in this.counts) {
      this.counts[event.kind]++;
    }
    if (event.kind === "complete") {
      this.seen.set(event.path, (this.seen.get(event.path) ?? 0) + 1);
    }
    this.#waiting.get(`${event.kind} ${event.path ?? ""}`)?.(nowMs());
  };

  until(kind, path = "") {
    return new Promise((resolve) => this.#waiting.set(`${kind} ${path}`, resolve));
  }
}

function makeFolders(root) {
  const bytes = buildCheckpoint(1, 100);
  for (let run = 0; run < RUNS; run++) {
    mkdirSync(join(root, `run_${run}`));
    for (let file = 0; file < FILES; file++) {
      writeFileSync(join(root, `run_${run}`, `epoch_${file}.pt`), bytes);
    }
  }
}

async function latencies({ root, writer, announced, reading }, manner) {
  const all = [];
  const checks = [];
  for (let round = 0; round < ROUNDS; round++) {
    const path = join(root, `run_${(round * 37) % RUNS}`, `${manner}_${round}.pt`);
    const announcedAt = announced.until("complete", path);
    const done = new Promise((resolve) => writer.once("message", resolve));
    writer.send({ manner, path });
    const { doneMs } = await done;
    all.push((await announcedAt) - doneMs);
    checks.push((reading.get(path) ?? 0) + (manner === "renamed" ? 0 : SETTLE_MS));
    await delay(20);
  }
  const beyond = all.map((each, index) => each - checks[index]);
  console.log(
    `  ${manner.padEnd(9)} to the announcement ${shown(all)} · completeness check ${shown(checks)} · beyond it ${shown(beyond)}`,
  );
  return quantile(beyond, 0.95);
}

async function playHour({ root, announced }) {
  const bytes = buildCheckpoint(3, 100);
  const heaps = [];
  for (let event = 0; event < EVENTS_OF_AN_HOUR; event++) {
    const folder = join(root, `run_${event % 100}`);
    writeRenamed(join(folder, `hour_${event}.pt`), bytes);
    if (event >= 100) {
      rmSync(join(root, `run_${event % 100}`, `hour_${event - 100}.pt`));
    }
    if (event % 100 === 99) {
      await announced.until("complete", join(folder, `hour_${event}.pt`));
    }
    if (event % 1_000 === 999) {
      heaps.push(megabytes());
    }
  }
  console.log(
    `  memory after each tenth of the hour's ${EVENTS_OF_AN_HOUR} saves: ${heaps.map((each) => each.toFixed(0)).join(", ")} MB`,
  );
}

async function main() {
  const root = mkdtempSync(join(tmpdir(), "trainyard-bench-"));
  const writer = fork(script, ["--writer"], { execArgv: [] });
  const { watchCheckpoints } = await import("../src/node/checkpoints/watchCheckpoints.ts");
  const { checkpointClient } = await import("../src/node/checkpoints/checkpointClient.ts");
  const client = checkpointClient();
  try {
    makeFolders(root);
    console.log(`${RUNS} run folders with ${FILES} checkpoints each; load of the machine ${loadavg()[0].toFixed(1)}`);
    const announced = new Announcements();
    const reading = new Map();
    const reader = {
      async read(found) {
        const started = performance.now();
        const summary = await client.summary(found);
        reading.set(found.path, performance.now() - started);
        return summary;
      },
      list: (folder) => client.list(folder),
    };
    const before = megabytes();
    const started = performance.now();
    const listed = announced.until("listed");
    const watch = watchCheckpoints(root, announced.take, { reader, settleMs: SETTLE_MS });
    await listed;
    console.log(
      `  listed after ${((performance.now() - started) / 1000).toFixed(1)} s; ${(megabytes() - before).toFixed(0)} MB more memory`,
    );
    await delay(5_000);
    console.log(`  ${watchCount()} watches for ${RUNS + 1} folders`);
    const parts = { root, writer, announced, reading };
    await latencies(parts, "renamed");
    await latencies(parts, "in pieces");
    await playHour(parts);
    const twice = [...announced.seen.values()].filter((count) => count > 1).length;
    console.log(
      `  ${announced.counts.complete} announced as complete, ${twice} of them twice, ${announced.counts.torn} as torn; ${watchCount()} watches`,
    );
    watch[Symbol.dispose]();
  } finally {
    client[Symbol.dispose]();
    writer.kill();
    rmSync(root, { recursive: true, force: true });
  }
}

await (process.argv.includes("--writer") ? serveAsWriter() : main());
