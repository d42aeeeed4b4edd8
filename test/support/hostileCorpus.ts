import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildTorchZip, buildZip, bytesOf, concatBytes, u32, u64 } from "./checkpointBuilders.ts";
import { hostileArchives, hostileSafetensors } from "./hostileContainers.ts";
import { repeatedLoader, unreadLoaders } from "./hostileLoaders.ts";
import { hostilePickles, hostileTensors, importChains, repeat } from "./hostilePickles.ts";

type Corpus = Readonly<Record<string, Uint8Array>>;

const HUGE = 2n ** 63n - 1n;

/** `GGUF`, version 3, and the two counts. */
function gguf(
  tensors: number | bigint,
  settings: number | bigint,
  ...rest: (string | number[] | Uint8Array)[]
): Uint8Array {
  return bytesOf("GGUF", u32(3), u64(tensors), u64(settings), ...rest);
}

const text = (value: string): Uint8Array => bytesOf(u64(value.length), value);
const tensorOf = (name: string, dimensions: readonly bigint[], offset: number | bigint): Uint8Array =>
  bytesOf(
    text(name),
    u32(dimensions.length),
    concatBytes(dimensions.map((length) => u64(length))),
    u32(0),
    u64(offset),
  );

const ggufFiles: Corpus = {
  "more tensors than atoms": gguf(HUGE, 0),
  "more settings than atoms": gguf(0, HUGE),
  "a key of eight exabytes": gguf(0, 1, u64(HUGE), "a"),
  "a text of eight exabytes": gguf(0, 1, text("a"), u32(8), u64(HUGE)),
  "an array of eight exabytes": gguf(0, 1, text("a"), u32(9), u32(0), u64(HUGE)),
  "an array of a billion empty texts": gguf(
    0,
    1,
    text("a"),
    u32(9),
    u32(8),
    u64(1_000_000_000),
    new Uint8Array(1_000_000),
  ),
  "arrays in arrays": gguf(
    0,
    1,
    text("a"),
    u32(9),
    concatBytes(Array.from({ length: 100_000 }, () => bytesOf(u32(9), u64(1)))),
  ),
  "a type that is none": gguf(0, 1, text("a"), u32(4_000_000_000)),
  "a shape whose product is infinite": gguf(1, 0, tensorOf("a", [HUGE, HUGE, HUGE, HUGE], 0)),
  "a tensor at the end of the world": gguf(1, 0, tensorOf("a", [4n], HUGE)),
  "four billion dimensions": gguf(1, 0, text("a"), u32(0xffff_ffff)),
  "settings named like prototypes": gguf(0, 2, text("__proto__"), u32(4), u32(1), text("constructor"), u32(4), u32(2)),
  "50,000 settings of the same name": gguf(
    0,
    50_000,
    concatBytes(Array.from({ length: 50_000 }, () => bytesOf(text("a"), u32(4), u32(1)))),
  ),
  "an alignment of zero": gguf(
    1,
    1,
    text("general.alignment"),
    u32(4),
    u32(0),
    tensorOf("a", [4n], 0),
    new Uint8Array(64),
  ),
};

const SIGNATURE = "\x89HDF\r\n\x1a\n";

const hdf5Files: Corpus = {
  "an end beyond every disk": bytesOf(
    SIGNATURE,
    [0, 0, 0, 0, 0, 8, 8, 0],
    new Uint8Array(8),
    u64(0),
    u64(0),
    u64(HUGE),
    new Uint8Array(64),
  ),
  "offsets of 255 bytes": bytesOf(SIGNATURE, [0, 0, 0, 0, 0, 255, 255, 0], new Uint8Array(80)),
  "a version of the future": bytesOf(SIGNATURE, [200], new Uint8Array(90)),
  "a base beyond its end": bytesOf(
    SIGNATURE,
    [2, 8, 8, 0],
    u64(HUGE),
    u64(0),
    u64(HUGE),
    u64(HUGE),
    new Uint8Array(64),
  ),
  "a root that is its own superblock": bytesOf(
    SIGNATURE,
    [2, 8, 8, 0],
    u64(0),
    u64(HUGE),
    u64(96),
    u64(0),
    new Uint8Array(48),
  ),
};

const json = (value: string): Uint8Array => bytesOf(value);
const keras = (...members: Parameters<typeof buildZip>[0]): Uint8Array =>
  buildZip([
    ...members,
    { name: "config.json", bytes: json("{}") },
    { name: "model.weights.h5", bytes: bytesOf(SIGNATURE, new Uint8Array(88)) },
  ]);

const kerasFiles: Corpus = {
  "metadata nested 100,000 deep": keras({ name: "metadata.json", bytes: json(repeat("[", 100_000)) }),
  "metadata that unpacks to two gigabytes": keras({
    name: "metadata.json",
    bytes: json("{}"),
    directory: { method: 8, sizeBytes: 0x7fff_ffff, storedBytes: 2 },
  }),
  "metadata with a prototype": keras({ name: "metadata.json", bytes: json('{"__proto__": {"keras_version": "1"}}') }),
  "two metadata": keras({ name: "metadata.json", bytes: json("{}") }, { name: "metadata.json", bytes: json("{}") }),
  "a name that leads out": keras({ name: "../../../etc/cron.d/x", bytes: json("x") }),
  "an encrypted entry": keras({ name: "metadata.json", bytes: json("{}"), directory: { flags: 1 } }),
};

const MAGIC = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
const legacy = (object: string, keys: string): Uint8Array =>
  bytesOf(MAGIC, "\x80\x02M\xe9\x03.", "\x80\x02}.", "\x80\x02", object, ".", "\x80\x02", keys, ".");

const legacyFiles: Corpus = {
  "half a million storages": legacy("}", `](${repeat("K\x01", 500_000)}e`),
  "a storage that is a dictionary in itself": legacy("}", "]}q\x00K\x01h\x00sa"),
  "a storage of eight exabytes": bytesOf(legacy("}", "]X\x01\x00\x00\x000a"), u64(HUGE)),
  "an object that calls itself": legacy("cos\nsystem\nq\x00h\x00\x85R", "]"),
  "no end of pickles": bytesOf(MAGIC, repeat("\x80\x02}.", 100_000)),
};

/** Containers that are two things at once. */
const polyglots: Corpus = {
  "a zip behind a pickle that calls": bytesOf("cos\nsystem\n(S'id'\ntR.", buildTorchZip(bytesOf("}."))),
  "a safetensors header in front of a zip": bytesOf(u64(2), "{}", buildTorchZip(bytesOf("}."))),
  "a zip in the comment of a zip": buildZip([{ name: "archive/data.pkl", bytes: bytesOf("}.") }], {
    comment: Buffer.from(buildTorchZip(bytesOf("cos\nsystem\n)R."))).toString("latin1"),
  }),
  "two pickles in one archive": buildZip([
    { name: "a/data.pkl", bytes: bytesOf("}.") },
    { name: "b/data.pkl", bytes: bytesOf("cos\nsystem\n)R.") },
    { name: "a/version", bytes: bytesOf("3\n") },
  ]),
  "seven zip": bytesOf("7z\xbc\xaf\x27\x1c", new Uint8Array(200)),
};

function write(folder: string, suffix: string, files: Corpus, prefix: string): void {
  for (const [what, bytes] of Object.entries(files)) {
    writeFileSync(join(folder, `${prefix} with ${what}${suffix}`), bytes);
  }
}

/** What lies beside files: links, pipes, holes, and folders that look like a Trainer's. */
function writeTraps(folder: string): void {
  symlinkSync("/dev/zero", join(folder, "an endless device.pt"));
  symlinkSync("itself.pt", join(folder, "itself.pt"));
  execFileSync("mkfifo", [join(folder, "a pipe without a writer.pt")]);
  for (const [name, head] of [
    ["a terabyte of nothing.pt", "PK\x03\x04"],
    ["a terabyte of nothing.gguf", "GGUF\x03\0\0\0"],
  ] as const) {
    writeFileSync(join(folder, name), bytesOf(head));
    truncateSync(join(folder, name), 2 ** 40);
  }
  const states = {
    "nested 100,000 deep": repeat('{"log_history":[', 50_000),
    "with 50,000 metrics": `{"global_step": 5, "log_history": [{${Array.from({ length: 50_000 }, (_, index) => `"loss_${index}": 1`).join()}}]}`,
    "with a prototype": '{"__proto__": {"global_step": 5}, "log_history": {"__proto__": []}}',
    "that is a number of a million digits": repeat("9", 1_000_000),
  };
  Object.values(states).forEach((state, index) => {
    const trainer = join(folder, `checkpoint-${index + 5}`);
    mkdirSync(trainer);
    symlinkSync("..", join(trainer, "up"));
    writeFileSync(join(trainer, "trainer_state.json"), state);
    writeFileSync(join(trainer, "model.safetensors.index.json"), '{"weight_map": {"a": "../../../../etc/passwd"}}');
  });
  const shards = Array.from({ length: 50_000 }, (_, index) => `"t${index}": "missing-${index}.safetensors"`);
  writeFileSync(join(folder, "many.safetensors.index.json"), `{"weight_map": {${shards.join()}}}`);
}

function zipped(pickles: Corpus): Corpus {
  return Object.fromEntries(Object.entries(pickles).map(([what, pickle]) => [what, buildTorchZip(pickle)]));
}

/** Writes every hostile file there is, each named for what it does, over all formats that are read. */
export function writeHostileCorpus(folder: string): void {
  write(folder, ".pt", zipped(hostilePickles), "a pickle");
  write(folder, ".pt", zipped(hostileTensors), "a tensor");
  write(folder, ".pt", hostileArchives, "an archive");
  write(folder, ".safetensors", hostileSafetensors, "safetensors");
  write(folder, ".gguf", ggufFiles, "gguf");
  write(folder, ".h5", hdf5Files, "hdf5");
  write(folder, ".keras", kerasFiles, "keras");
  write(folder, ".pth", legacyFiles, "legacy");
  write(folder, ".pt", polyglots, "polyglot");
  write(folder, ".pkl", { ...unreadLoaders, "bytes loaded a hundred thousand times": repeatedLoader }, "a loader of");
  for (const [index, [pickle]] of importChains.entries()) {
    writeFileSync(join(folder, `import chain ${index}.pt`), buildTorchZip(bytesOf(pickle)));
    writeFileSync(join(folder, `import chain ${index}.pkl`), bytesOf(pickle));
  }
  writeTraps(folder);
}
