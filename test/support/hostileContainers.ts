import { buildSafetensors, buildZip, bytesOf, concatBytes, u32, u64, type ZipMember } from "./checkpointBuilders.ts";
import { repeat } from "./hostilePickles.ts";

const pickleMember: ZipMember = { name: "archive/data.pkl", bytes: bytesOf("}.") };

/** Archives that lie about what they hold. */
export const hostileArchives: Record<string, Uint8Array> = {
  "a pickle that claims two gigabytes": buildZip([{ ...pickleMember, directory: { sizeBytes: 0x7fff_ffff } }]),
  "a pickle that unpacks a thousandfold": buildZip([
    { ...pickleMember, directory: { method: 8, sizeBytes: 0x7fff_ffff, storedBytes: 2 } },
  ]),
  "ten thousand entries over the same bytes": buildZip(
    Array.from({ length: 10_000 }, (_, index) => ({
      name: `archive/data/${index}`,
      bytes: bytesOf("x"),
      directory: { headerOffset: 0 },
    })),
  ),
  "two thousand ends": bytesOf(
    "PK\x03\x04",
    concatBytes(Array.from({ length: 2000 }, () => bytesOf("PK\x05\x06", new Uint8Array(18)))),
  ),
  "a directory larger than the file": bytesOf(
    "PK\x03\x04",
    "PK\x05\x06",
    new Uint8Array(8),
    u32(0xffff_fff0),
    u32(4),
    [0, 0],
  ),
  "a directory of a size it does not have": bytesOf(
    "PK\x03\x04",
    "PK\x05\x06",
    [0, 0, 0, 0, 255, 255, 255, 255],
    u32(4),
    u32(0),
    [0, 0],
  ),
  "a zip64 end that points to itself": bytesOf(
    "PK\x03\x04",
    new Uint8Array(60),
    "PK\x06\x07",
    u32(0),
    u64(64),
    u32(1),
    "PK\x05\x06",
    new Uint8Array(18),
  ),
  "a zip64 end beyond 2^53": bytesOf(
    "PK\x03\x04",
    new Uint8Array(60),
    "PK\x06\x07",
    u32(0),
    u64(2n ** 63n),
    u32(1),
    "PK\x05\x06",
    new Uint8Array(18),
  ),
  "names with line breaks and colours": buildZip([{ ...pickleMember, name: "a\n|\x1b[31m/data.pkl" }]),
  "a name of 60,000 characters": buildZip([{ ...pickleMember, name: `${repeat("a", 60_000)}/data.pkl` }]),
  "an absolute name": buildZip([pickleMember, { name: "/etc/passwd", bytes: new Uint8Array() }]),
  "a name with a backslash": buildZip([pickleMember, { name: "archive\\..\\x", bytes: new Uint8Array() }]),
  "a name with a zero byte": buildZip([pickleMember, { name: "archive/x\0", bytes: new Uint8Array() }]),
};

const tensor = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
/** Headers that lie about the bytes behind them. */
export const hostileSafetensors: Record<string, Uint8Array> = {
  "a header of eight exabytes": bytesOf(u64(2n ** 62n), "{"),
  "a header of 90 megabytes that is not there": bytesOf(u64(90_000_000), "{}"),
  "a header that is a number": buildSafetensors("17", 0),
  "a header nested 100,000 deep": buildSafetensors(repeat('{"a":', 100_000), 0),
  "a header of one open text": buildSafetensors(`{"${repeat("\\", 1_000_000)}`, 0),
  "the same tensor twice": buildSafetensors(
    '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
    8,
  ),
  "tensors that overlap": buildSafetensors({ a: tensor, b: tensor }, 8),
  "a hole between tensors": buildSafetensors({ a: tensor, b: { ...tensor, data_offsets: [16, 24] } }, 24),
  "offsets in the wrong order": buildSafetensors({ a: { ...tensor, data_offsets: [8, 0] } }, 8),
  "offsets that are no numbers": buildSafetensors({ a: { ...tensor, data_offsets: ["0", "8"] } }, 8),
  "a shape that is larger than its bytes": buildSafetensors({ a: { ...tensor, shape: [1e9, 1e9] } }, 8),
  "a negative shape": buildSafetensors({ a: { ...tensor, shape: [-2] } }, 8),
  "bytes behind its tensors": buildSafetensors({ a: tensor }, 9),
  "a dtype that is not known": buildSafetensors({ a: { ...tensor, dtype: "F33" } }, 8),
  "a name that is no UTF-8": bytesOf(
    u64(55),
    '{"\xff":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
    new Uint8Array(8),
  ),
  "a space before its header": buildSafetensors(` ${JSON.stringify({ a: tensor })}`, 8),
  "a tensor that is null": buildSafetensors({ a: null }, 0),
  "metadata that is no text": buildSafetensors({ __metadata__: { epoch: 3 }, a: tensor }, 8),
  "metadata that is a list": buildSafetensors({ __metadata__: ["x"], a: tensor }, 8),
  "a shape written as a fraction": buildSafetensors('{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}', 8),
  "an offset written as a fraction": buildSafetensors('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8e0]}}', 8),
  "a number that begins with zero": buildSafetensors('{"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}', 8),
  "NaN in a field of its own": buildSafetensors('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":NaN}}', 8),
  "half a character in a name": buildSafetensors('{"\\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8),
  "a shape that overflows before its zero": buildSafetensors(
    { a: { ...tensor, shape: [2 ** 53 - 1, 2 ** 53 - 1, 0], data_offsets: [0, 0] } },
    0,
  ),
};

const END_BYTES = 22;
const systemPickle = bytesOf("cposix\nsystem\n(S'true'\ntR.");
const version: ZipMember = { name: "archive/version", bytes: bytesOf("3\n") };

/** Archives in which one reader finds a harmless object and torch.load may find another, which runs `os.system`. */
export const twoFacedArchives: Record<string, Uint8Array> = {
  "two objects whose names differ in case": buildZip([
    { name: "archive/DATA.PKL", bytes: systemPickle },
    pickleMember,
    version,
  ]),
  "a harmless object before one of another case": buildZip([
    pickleMember,
    { name: "archive/Data.pkl", bytes: systemPickle },
    version,
  ]),
  "two folders with an object each": buildZip([pickleMember, { name: "b/data.pkl", bytes: systemPickle }, version]),
  "a second end in the comment of the first": buildTwoEnds(),
};

/** The comment of a sound archive is the end of another one in the same file, whose own comment is longer than is there. */
function buildTwoEnds(): Uint8Array {
  const shown = Buffer.from(buildZip([pickleMember, version]));
  const directoryOffset = shown.readUInt32LE(shown.length - 6);
  const hidden = buildZip([{ name: "archive/data.pkl", bytes: systemPickle }, version], {
    prefix: shown.subarray(0, directoryOffset),
  });
  const [body, hiddenEnd] = [hidden.subarray(0, -END_BYTES), Buffer.from(hidden.slice(-END_BYTES))];
  const shownEnd = Buffer.from(shown.subarray(-END_BYTES));
  shownEnd.writeUInt32LE(body.length, 16);
  shownEnd.writeUInt16LE(END_BYTES, 20);
  hiddenEnd.writeUInt16LE(5, 20);
  return concatBytes([body, shown.subarray(directoryOffset, -END_BYTES), shownEnd, hiddenEnd]);
}
