import { buildTorchZip, bytesOf, u32, u64 } from "./checkpointBuilders.ts";
import { repeat } from "./hostilePickles.ts";

const LOADER = "ctorch.storage\n_load_from_bytes\n";
const SYSTEM = "cos\nsystem\n(S'1'\ntR.";
/** Five pickles that import nothing, as torch writes its older kind. */
const HARMLESS = bytesOf("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.}.N.].");
const zip = buildTorchZip(bytesOf(SYSTEM));

const literal = (bytes: Uint8Array): Uint8Array => bytesOf("B", u32(bytes.length), bytes);
const loading = (bytes: Uint8Array): Uint8Array => bytesOf("\x80\x03", LOADER, literal(bytes), "\x85R");
const letters = (text: string): Uint8Array => bytesOf("X", u32(text.length), text);

function tarOf(name: string, bytes: Uint8Array): Uint8Array {
  const member = new Uint8Array(4 * 512);
  member.set(bytesOf(name));
  member.set(bytesOf("0000644\0", "0000000\0", "0000000\0"), 100);
  member.set(bytesOf(bytes.length.toString(8).padStart(11, "0"), " ", "00000000000 "), 124);
  const sum = member.reduce((total, byte) => total + byte, 8 * 0x20);
  member.set(bytesOf(sum.toString(8).padStart(6, "0"), "\0 "), 148);
  member.set(bytes, 512);
  return member;
}

/** Pickles that have torch load bytes of which nobody can say what they import: each runs a program. */
export const unreadLoaders: Readonly<Record<string, Uint8Array>> = {
  "a zip": bytesOf(loading(zip), "."),
  "a zip, called by OBJ": bytesOf("\x80\x03(", LOADER, literal(zip), "o."),
  "a zip, called by INST": bytesOf("\x80\x03(", literal(zip), "itorch.storage\n_load_from_bytes\n."),
  "a zip, called by NEWOBJ_EX": bytesOf("\x80\x04", LOADER, literal(zip), "\x85}\x92."),
  "a keyword": bytesOf("\x80\x04", LOADER, ")}", letters("b"), literal(bytesOf(SYSTEM)), "s\x92."),
  "bytes of bytes": bytesOf("\x80\x03", LOADER, "cbuiltins\nbytes\n", literal(bytesOf(SYSTEM)), "\x85R\x85R."),
  "bytes of numbers": bytesOf("\x80\x03", LOADER, "cbuiltins\nbytes\n](K\x2ee\x85R\x85R."),
  "an array that is added to": bytesOf("\x80\x05", LOADER, "\x96", u64(HARMLESS.length), HARMLESS, "(K\x2ee\x85R."),
  "an array with another item": bytesOf("\x80\x05", LOADER, "\x96", u64(HARMLESS.length), HARMLESS, "K\0K\x2es\x85R."),
  "a text in an encoding of its own": bytesOf(
    "\x80\x02",
    LOADER,
    "c_codecs\nencode\n",
    letters("+AGM-os"),
    letters("utf-7"),
    "\x86R\x85R.",
  ),
  "a tar": bytesOf(loading(tarOf("pickle", bytesOf(SYSTEM))), "."),
  "a pickle that breaks off": bytesOf(loading(HARMLESS.subarray(0, -1)), "."),
  "what another function hands it": bytesOf(
    loading(HARMLESS),
    "0ctorch._tensor\n_rebuild_from_type_v2\n(",
    LOADER,
    "N",
    literal(zip),
    "\x85}tR.",
  ),
  "what another function hands it, from the memo": bytesOf(
    "\x80\x03",
    LOADER,
    "q\0",
    literal(HARMLESS),
    "\x85R0cnumpy.random._pickle\n__generator_ctor\n",
    literal(zip),
    "h\0\x86R.",
  ),
  "bytes within bytes within bytes": bytesOf(
    loading(bytesOf(loading(bytesOf(loading(bytesOf(loading(HARMLESS), ".")), ".")), ".")),
    ".",
  ),
};

/** The same bytes a hundred thousand times. */
export const repeatedLoader = bytesOf(
  "\x80\x03",
  LOADER,
  "q\0",
  literal(bytesOf(repeat("N0", 50_000), "N.")),
  "\x85q\x01",
  "R0",
  repeat("h\0h\x01R0", 100_000),
  "N.",
);

const harmlessText = Buffer.from(Buffer.from(HARMLESS).toString("latin1"), "utf8");

/** As a tensor is pickled without torch.save, above protocol 2 and below. */
export const readLoaders: readonly Uint8Array[] = [
  bytesOf(loading(HARMLESS), "."),
  bytesOf(
    "\x80\x02",
    LOADER,
    "c_codecs\nencode\nX",
    u32(harmlessText.length),
    harmlessText,
    letters("latin1"),
    "\x86R\x85R.",
  ),
];
