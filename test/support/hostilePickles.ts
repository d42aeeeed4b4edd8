import { bytesOf, concatBytes, u32, u64 } from "./checkpointBuilders.ts";

export function repeat(part: string, count: number): string {
  return part.repeat(count);
}

/** Pickles that were made to cost time or memory, or to break what reads them. */
export const hostilePickles: Record<string, Uint8Array> = {
  "a memo number of four billion": bytesOf("}r", u32(0xffff_ffff), "."),
  "scattered memo numbers": bytesOf(
    "N",
    concatBytes(Array.from({ length: 150_000 }, (_, index) => bytesOf("r", u32(index * 7919 + 5)))),
    ".",
  ),
  "a text of four gigabytes": bytesOf("X", u32(0xffff_ffff), "a."),
  "bytes of eight exabytes": bytesOf("\x80\x04\x8e", u64(2n ** 63n - 1n), "a."),
  "a byte array of eight exabytes": bytesOf("\x80\x05\x96", u64(2n ** 63n - 1n), "a."),
  "a text of eight exabytes": bytesOf("\x80\x04\x8d", u64(2n ** 63n - 1n), "a."),
  "a frame of eight exabytes": bytesOf("\x80\x04\x95", u64(2n ** 63n - 1n), "}."),
  "an integer of four gigabytes": bytesOf("\x8b", u32(0xffff_ffff), "."),
  "an integer of negative length": bytesOf("\x8b", u32(0x8000_0000), "."),
  "an integer of a million digits": bytesOf(`L${repeat("9", 1_000_000)}L\n.`),
  "an integer of 60,000 bytes": bytesOf("\x8b", u32(60_000), repeat("\x7f", 60_000), "."),
  "a list in itself": bytesOf("}S'config'\n]q\x00h\x00as."),
  "a dictionary in itself": bytesOf("}q\x00S'config'\nh\x00s."),
  "an object whose state is itself": bytesOf("}S'model'\nca\nB\n)Rq\x00h\x00bs."),
  "forty levels of doubled tuples": bytesOf("}S'config'\n]", repeat("2\x86", 40), "s."),
  "forty levels of doubled lists": bytesOf("}S'model'\n(lq\x00", repeat("0]h\x00ah\x00aq\x00", 40), "s."),
  "200,000 nested lists": bytesOf("}S'config'\n", repeat("]", 200_000), repeat("a", 199_999), "s."),
  "200,000 nested tuples": bytesOf("}S'model'\nN", repeat("\x85", 200_000), "s."),
  "200,000 nested calls": bytesOf("}S'model'\nN", repeat("\x85ca\nb\n2R", 1), repeat("0", 1), "."),
  "wrapped parameters without end": bytesOf(
    "N",
    repeat("\x85q\x00ctorch._utils\n_rebuild_parameter\nh\x00R", 50_000),
    ".",
  ),
  "a million marks": bytesOf(repeat("(", 1_000_000), "."),
  "100,000 globals": bytesOf(concatBytes(Array.from({ length: 100_000 }, (_, index) => `cm\nn${index}\n0`)), "N."),
  "a global of a megabyte": bytesOf(`c${repeat("m", 1_000_000)}\nn\n.`),
  "a global that is no text": bytesOf("\x80\x04K\x01K\x02\x93."),
  "keys that change a prototype": bytesOf(
    "}S'__proto__'\n}S'epoch'\nK\x01ssS'config'\n}S'__proto__'\n}S'polluted'\nK\x01ssS'constructor'\nK\x02ss.",
  ),
  "metrics under the names of methods": bytesOf(
    "}S'metrics'\n}S'__proto__'\nK\x01sS'toString'\nK\x02sS'constructor'\nK\x03ss.",
  ),
  "an epoch that is a thousand lists": bytesOf("}S'epoch'\n", repeat("]", 1000), repeat("a", 999), "s."),
  "an epoch of 4,000 digits": bytesOf(`}S'epoch'\nL${repeat("9", 4000)}L\ns.`),
  "names that break a table": bytesOf("}S'config'\n}S'a|b\\n\\x1b[31m`'\nS'<script>|'\nss."),
  "ten thousand metrics": bytesOf(
    "}S'metrics'\n}",
    concatBytes(Array.from({ length: 10_000 }, (_, index) => `S'loss_${index}'\nK\x01s`)),
    "s.",
  ),
  "a config of a million entries": bytesOf(
    "}S'config'\n}(",
    concatBytes(Array.from({ length: 200_000 }, (_, index) => `I${index}\nN`)),
    "us.",
  ),
  "a config with texts of a megabyte": bytesOf(
    "}X",
    u32(6),
    "config}K\x01X",
    u32(1_000_000),
    repeat("x", 1_000_000),
    "ss.",
  ),
  "an unknown opcode": bytesOf("}\xff."),
  "a protocol of the future": bytesOf("\x80\xf0}."),
  "STOP alone": bytesOf("."),
  "a mark as the result": bytesOf("(."),
  "POP on nothing": bytesOf("0."),
  "BUILD on a function": bytesOf("cos\nsystem\n}b."),
  "TUPLE without a mark": bytesOf("t."),
  "a key without a value": bytesOf("}(K\x01u."),
  "a call without a tuple": bytesOf("cos\nsystem\nNR."),
  "a memo number that was never set": bytesOf("h\x07."),
  "a memo number that is no number": bytesOf("Np-1\n."),
};

/** Larger than what they cost, since every byte of them is an opcode: what they cost grows with the file alone. */
export const densePickles: Record<string, Uint8Array> = {
  "eight million values": bytesOf(repeat("N", 8_000_000), "."),
  "four million dictionaries": bytesOf(repeat("}", 4_000_000), "."),
  "twenty million opcodes": bytesOf(new Uint8Array(20_000_000).map((_, index) => (index % 2 === 0 ? 0x4e : 0x30))),
};

const tensorOf = (storage: string, size: string, offset = "K\x00"): Uint8Array =>
  bytesOf(`}S'model'\n}S'w'\nctorch._utils\n_rebuild_tensor_v2\n(${storage}Q${offset}${size}${size}\x89NtRss.`);
const float4 = "(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nK\x04t";

/** Tensors that lie about where their numbers are. */
export const hostileTensors: Record<string, Uint8Array> = {
  "a size of a million dimensions": tensorOf(float4, `(${repeat("K\x02", 1_000_000)}t`),
  "a negative size": tensorOf(float4, "J\xff\xff\xff\xff\x85"),
  "an offset beyond its storage": tensorOf(float4, "K\x01\x85", "J\xff\xff\xff\x7f"),
  "a storage whose key is a path": tensorOf(
    "(S'storage'\nctorch\nFloatStorage\nS'../../../etc/passwd'\nS'cpu'\nK\x04t",
    "K\x04\x85",
  ),
  "a storage of 2^70 numbers": tensorOf(
    "(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nL1180591620717411303424L\nt",
    "K\x04\x85",
  ),
  "a storage of a class that is none": tensorOf("(S'storage'\nS'FloatStorage'\nS'0'\nS'cpu'\nK\x04t", "K\x04\x85"),
  "a storage that is a list in itself": tensorOf("]q\x00h\x00a", "K\x04\x85"),
};

/** What Python takes in its stride and a stricter reader might stop at, before what runs. */
const beforeTheCall = [
  "I0x10\n0",
  "I 12\n0",
  "L0x10L\n0",
  "L1_0L\n0",
  "Np1_0\n0",
  "Np 5\n0",
  `\x8b\xb8\x0b\0\0${repeat("\x01", 3_000)}0`,
  `V${repeat("a", 20_000)}\n0`,
  `S'${repeat("a", 20_000)}'\n0`,
  "N(e0",
  "](u0",
  "]NaK\0Ns0",
  "\x96\x01\0\0\0\0\0\0\0a(K\x01e0",
  "ccollections\nOrderedDict\nNb0",
];

/** Pickles that would run code when loaded, with the callable that is named in the end. */
export const importChains: readonly (readonly [pickle: string, callable: string])[] = [
  ...beforeTheCall.map((before) => [`${before}cposix\nsystem\n(S'1'\ntR.`, "os.system"] as const),
  ["S'posi\\170'\nS'syste\\155'\n\x93.", "os.system"],
  [`${repeat("(", 100_001)}${repeat("1", 100_001)}cos\nsystem\n.`, "what follows byte 100001 of its pickle"],
  ["cbuiltins\neval\n(S'1'\ntR.", "builtins.eval"],
  ["c__builtin__\nexec\n(S'1'\ntR.", "builtins.exec"],
  ["cnt\nsystem\n(S'1'\ntR.", "os.system"],
  ["csubprocess\nPopen\n(S'1'\ntR.", "subprocess.Popen"],
  ["\x80\x04\x8c\x05torch\x8c\x09os.system\x93.", "torch.os.system"],
  ["cnumpy.testing._private.utils\nrunstring\n(S'1'\ntR.", "numpy.testing._private.utils.runstring"],
  ["cbuiltins\ngetattr\n(N.", "builtins.getattr"],
  ["ctorch.hub\nload\n(N.", "torch.hub.load"],
  ["ctorch\nload\n(N.", "torch.load"],
  ["ctorch._inductor.codecache\ncompile_file\n(N.", "torch._inductor.codecache.compile_file"],
  ["ctorch.utils.collect_env\nrun\n(N.", "torch.utils.collect_env.run"],
  ["cnumpy.f2py.crackfortran\ngetlincoef\n(N.", "numpy.f2py.crackfortran.getlincoef"],
  ["cidlelib.autocomplete\nAutoComplete.get_entity\n(N.", "idlelib.autocomplete.AutoComplete.get_entity"],
  ["coperator\nattrgetter\n(N.", "operator.attrgetter"],
  ["\x80\x04\x8c\x07pathlib\x8c\x0fPath.write_text\x93.", "pathlib.Path.write_text"],
  ["c_posixsubprocess\nfork_exec\n(N.", "_posixsubprocess.fork_exec"],
  // The memo says `collections.OrderedDict` first, under numbers whose turn comes later.
  [
    "\x80\x04\x8c\x0bcollectionsq\x01\x8c\x0bOrderedDictq\x02Nq\x00\x8c\x05posixq\x01\x8c\x06systemq\x02h\x01h\x02\x93.",
    "os.system",
  ],
];
