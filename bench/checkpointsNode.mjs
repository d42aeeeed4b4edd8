// The Node side of checkpoints.mjs: node checkpointsNode.mjs <own | folder | newest | fresh | netron> <path> <rounds>
import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";

const [reader, path, rounds, netron] = process.argv.slice(2);

async function openOwn() {
  const { readCheckpoint } = await import("../src/node/checkpoints/readCheckpoint.ts");
  return async () => (await readCheckpoint(path)).tensorCount;
}

/** In the thread that the editor asks. */
async function openFolder(until) {
  const { checkpointClient } = await import("../src/node/checkpoints/checkpointClient.ts");
  const { chooseResumePoint } = await import("../src/core/checkpoints/resumeChoice.ts");
  return async () => {
    const { entries } = await checkpointClient().list(path, { until });
    return chooseResumePoint(entries).chosen?.summary.name;
  };
}

/** What a process that has just started finds out, apart from loading code: nothing has been read before. */
async function openFresh() {
  const { listCheckpointFolder } = await import("../src/node/checkpoints/listCheckpointFolder.ts");
  const { chooseResumePoint } = await import("../src/core/checkpoints/resumeChoice.ts");
  return async () => {
    const { entries } = await listCheckpointFolder(path, { until: { kind: "resume-point" } });
    return chooseResumePoint(entries).chosen?.summary.name;
  };
}

const openNewest = () => openFolder({ kind: "resume-point" });

/** Netron without its window: the part of it that opens a file, fed by its own stream of a file. */
async function openNetron() {
  const { ModelFactoryService } = await import(join(netron, "view.js"));
  const { FileStream } = await import(join(netron, "node.js"));
  const load = (id) => import(join(netron, `${id}.js`));
  const host = {
    environment: () => undefined,
    event: () => undefined,
    exception: (error) => {
      throw error;
    },
    require: load,
    asset: (file) => Promise.resolve(readFileSync(join(netron, file), "utf8")),
  };
  return async () => {
    const { size, mtimeMs } = statSync(path);
    const stream = new FileStream(path, 0, size, mtimeMs);
    const context = {
      ...host,
      host,
      identifier: basename(path),
      stream,
      fetch: () => Promise.reject(new Error("none")),
    };
    return (await new ModelFactoryService(host).open(context)).format;
  };
}

const openers = {
  own: openOwn,
  folder: () => openFolder(undefined),
  newest: openNewest,
  fresh: openFresh,
  netron: openNetron,
};
const bytesRead = () => Number(/rchar: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))[1]);
const maxMegabytes = () => process.resourceUsage().maxRSS / 1000;

const read = await openers[reader]();
const before = maxMegabytes();
const times = [];
let bytes = 0;
let result;
for (let round = 0; round < Number(rounds); round++) {
  const bytesBefore = bytesRead();
  const started = performance.now();
  result = await read();
  times.push(performance.now() - started);
  bytes = bytesRead() - bytesBefore;
}
console.log(JSON.stringify({ times, bytes, megabytes: maxMegabytes() - before, result }));
