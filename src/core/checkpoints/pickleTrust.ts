import { standardModules } from "../base/pythonModules.ts";
import type { ImportedName } from "./importedName.ts";
import type { PickleGlobal } from "./inertPickleValue.ts";

/** What is a value and no more, as settings hold it: none of these opens, evaluates or imports what it is given. */
const plainValues = [
  ...qualify("array", "array _array_reconstructor"),
  ...qualify("collections", "ChainMap UserDict UserList UserString"),
  ...qualify("enum", "Enum IntEnum Flag IntFlag StrEnum auto"),
  ...qualify("ipaddress", "IPv4Address IPv6Address IPv4Network IPv6Network"),
  ...qualify("random", "Random"),
  ...qualify("re", "_compile"),
  ...qualify("string", "Template"),
  ...qualify("time", "struct_time"),
  ...qualify(
    "typing",
    "Any Callable Dict FrozenSet Iterable List Literal Mapping Optional Sequence Set Tuple Type Union",
  ),
  ...qualify("zoneinfo", "ZoneInfo ZoneInfo._unpickle"),
];

/** Exact names; a list of forbidden names would always leak, so everything that is not here is flagged. */
const knownNames = new Set([
  ...plainValues,
  ...qualify("collections", "OrderedDict defaultdict Counter deque"),
  ...qualify("builtins", "dict list tuple set frozenset int float complex bool str bytes bytearray slice range object"),
  ...qualify("_codecs", "encode"),
  ...qualify("copyreg", "_reconstructor"),
  ...qualify("argparse", "Namespace"),
  ...qualify("types", "SimpleNamespace"),
  ...qualify("datetime", "datetime date time timedelta timezone"),
  ...qualify("decimal", "Decimal"),
  ...qualify("fractions", "Fraction"),
  ...qualify("uuid", "UUID"),
  ...qualify("pathlib", "Path PurePath PosixPath PurePosixPath WindowsPath PureWindowsPath"),
  ...qualify("pathlib._local", "PosixPath PurePosixPath WindowsPath PureWindowsPath"),
  ...["numpy", "numpy.core.numeric", "numpy._core.numeric"].flatMap((name) =>
    qualify(name, "dtype ndarray _frombuffer"),
  ),
  ...["numpy.core.multiarray", "numpy._core.multiarray"].flatMap((name) => qualify(name, "_reconstruct scalar")),
  ...qualify("numpy.random._pickle", "__randomstate_ctor __bit_generator_ctor __generator_ctor"),
  ...qualify(
    "torch",
    "Size Tensor device Generator strided sparse_coo contiguous_format channels_last per_tensor_affine",
  ),
  ...qualify("torch", "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 uint16 uint32 uint64 bool"),
  ...qualify("torch", "complex32 complex64 complex128 qint8 quint8 qint32 float8_e4m3fn float8_e5m2 float8_e8m0fnu"),
  ...qualify("torch", "float8_e4m3fnuz float8_e5m2fnuz float4_e2m1fn_x2 preserve_format per_channel_affine sparse_csr"),
  ...qualify("torch", "DoubleStorage FloatStorage HalfStorage BFloat16Storage LongStorage IntStorage ShortStorage"),
  ...qualify("torch", "CharStorage ByteStorage BoolStorage ComplexFloatStorage ComplexDoubleStorage QInt8Storage"),
  ...qualify(
    "torch",
    "QUInt8Storage QInt32Storage QUInt4x2Storage QUInt2x4Storage quint4x2 quint2x4 sparse_csc sparse_bsr sparse_bsc",
  ),
  ...qualify("torch", "DoubleTensor FloatTensor HalfTensor LongTensor IntTensor ShortTensor CharTensor ByteTensor"),
  ...qualify("torch.storage", "UntypedStorage TypedStorage"),
  ...qualify("torch._utils", "_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter"),
  ...qualify(
    "torch._utils",
    "_rebuild_parameter_with_state _rebuild_sparse_tensor _rebuild_qtensor _rebuild_nested_tensor",
  ),
  ...qualify("torch._C", "Generator"),
  ...qualify("torch._utils", "_rebuild_meta_tensor_no_storage _rebuild_device_tensor_from_numpy"),
  ...qualify("torch._utils", "_rebuild_device_tensor_from_cpu_tensor _rebuild_wrapper_subclass"),
  ...qualify("torch._tensor", "_rebuild_from_type_v2 Tensor"),
  ...qualify("torch.nn.parameter", "Parameter Buffer UninitializedParameter"),
  ...qualify("torch.serialization", "_get_layout"),
  ...qualify(
    "torch.distributed.checkpoint.metadata",
    "Metadata MetadataIndex StorageMeta TensorStorageMetadata BytesStorageMetadata ChunkStorageMetadata TensorProperties " +
      "_MEM_FORMAT_ENCODING",
  ),
  ...qualify("torch.distributed.checkpoint.filesystem", "_StorageInfo _StoragePrefix"),
  ...qualify("joblib.numpy_pickle", "NumpyArrayWrapper"),
  ...qualify("lightning.fabric.utilities.data", "AttributeDict"),
  ...qualify("lightning_fabric.utilities.data", "AttributeDict"),
  ...qualify("pytorch_lightning.utilities.parsing", "AttributeDict"),
  ...qualify("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint"),
  ...qualify("lightning.pytorch.callbacks.model_checkpoint", "ModelCheckpoint"),
]);

/** Python 2 names that Python 3 maps when it loads an old pickle, and the modules that `os` takes its functions from. */
const renamedModules = new Map([
  ["__builtin__", "builtins"],
  ["copy_reg", "copyreg"],
  ["cPickle", "pickle"],
  ["posix", "os"],
  ["nt", "os"],
]);

/**
 * Python's own library, but for what is on the list above: nearly every module of it can start a program or write a file by some
 * name. Then what it was called in Python 2, and libraries that do little else.
 */
const dangerousModules: ReadonlySet<string> = new Set([
  ...standardModules,
  ...splitWords(
    "BaseHTTPServer CGIHTTPServer SimpleHTTPServer SimpleXMLRPCServer SocketServer Tkinter anydbm commands dbhash",
  ),
  ...splitWords("dumbdbm gdbm httplib popen2 thread urllib2 whichdb xmlrpclib"),
  ...splitWords(
    "dill cloudpickle multiprocess pip setuptools requests httpx aiohttp urllib3 paramiko cffi _cffi_backend",
  ),
  ...splitWords("numexpr yaml pexpect plumbum psutil IPython"),
]);

/** Parts of libraries that start compilers and programs, load what they are given or evaluate text. */
const dangerousParts =
  /^(?:numpy\.(?:f2py|testing|distutils)|torch\.(?:hub|package|jit|_inductor|_dynamo|serialization|distributed\.(?:rpc|launcher|elastic|run)|fx\.(?:experimental|graph_module))|torch\.utils\.(?:bottleneck|collect_env|cpp_extension|_config_module|data\.datapipes\.utils)|test\.support)(?:\.|$)/;

/** Names that run code, load it or write files although their top-level package is an ordinary library. */
const dangerousNames: ReadonlySet<string> = new Set([
  ...splitWords("system popen Popen check_output exec execfile eval compile run_path run_module runstring run_code"),
  ...splitWords("__import__ import_module _import_dotted_name getattr setattr sympify parse_expr lambdify"),
  ...splitWords("load loads load_module load_model load_library _load_from_bytes read_pickle from_pretrained"),
  ...splitWords("open open_memmap fromfile from_file tofile dump save savez savez_compressed savetxt to_pickle to_csv"),
]);
const spawning = /^spawn\w*$/;

/** Layers that come with torch; saved whole, a model names the class of each. */
const torchLayers = /^torch\.nn\.modules\.\w+\.[A-Z]\w*$/;

export function trustOf(global: PickleGlobal): ImportedName {
  const moduleName = renamedModules.get(global.module) ?? global.module;
  const name = global.name === "" ? moduleName : `${moduleName}.${global.name}`;
  if (knownNames.has(name) || torchLayers.test(name)) {
    return { name, trust: "known" };
  }
  const topLevel = moduleName.split(".", 1)[0] ?? "";
  const last = global.name.slice(global.name.lastIndexOf(".") + 1);
  const isDangerousName = dangerousNames.has(last) || spawning.test(last);
  const isDangerous = isDangerousName || dangerousModules.has(topLevel) || dangerousParts.test(name);
  return { name, trust: isDangerous ? "dangerous" : "unlisted" };
}

function qualify(moduleName: string, names: string): string[] {
  return splitWords(names).map((name) => `${moduleName}.${name}`);
}

function splitWords(words: string): string[] {
  return words.split(" ");
}
