import type { ImportedName } from "./importedName.ts";
import type { PickleGlobal } from "./inertPickleValue.ts";

/** Exact names; a list of forbidden names would always leak, so everything that is not here is flagged. */
const knownNames = new Set([
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

const dangerousModules = new Set(
  (
    "os posix nt ntpath posixpath subprocess sys shutil socket pty commands popen2 runpy code codeop importlib imp " +
    "pickle _pickle dill cloudpickle marshal ctypes _ctypes webbrowser urllib http ftplib smtplib ssl telnetlib " +
    "requests httpx aiohttp tempfile glob fileinput io _io signal threading multiprocessing asyncio concurrent " +
    "bdb pdb trace timeit cProfile profile doctest pydoc pip setuptools distutils venv ensurepip inspect gc " +
    "operator functools types builtins zipimport pkgutil linecache logging idlelib lib2to3 _pyrepl sysconfig " +
    "_aix_support _osx_support httplib urllib2 xmlrpc xmlrpclib _thread poplib imaplib nntplib dbm shelve sqlite3 " +
    "zipfile tarfile mmap tkinter turtledemo antigravity"
  ).split(" "),
);

/** Parts of libraries that start compilers and programs, load what they are given or evaluate text. */
const dangerousParts =
  /^(?:numpy\.(?:f2py|testing|distutils)|torch\.(?:hub|package|jit|_inductor|_dynamo|serialization|fx\.(?:experimental|graph_module))|torch\.utils\.(?:bottleneck|collect_env|cpp_extension|_config_module|data\.datapipes\.utils)|test\.support)(?:\.|$)/;

/** Deeper names that run code although their top-level package is an ordinary library. */
const dangerousNames =
  /(^|\.)(system|popen|exec|execfile|eval|compile|__import__|getattr|setattr|spawn\w*|run_path|run_module|runstring|run_code|loads?|load_module|check_output|Popen|import_module|_load_from_bytes)$/;

/** Layers that come with torch; saved whole, a model names the class of each. */
const torchLayers = /^torch\.nn\.modules\.\w+\.[A-Z]\w*$/;

export function trustOf(global: PickleGlobal): ImportedName {
  const moduleName = renamedModules.get(global.module) ?? global.module;
  const name = global.name === "" ? moduleName : `${moduleName}.${global.name}`;
  if (knownNames.has(name) || torchLayers.test(name)) {
    return { name, trust: "known" };
  }
  const topLevel = moduleName.split(".", 1)[0] ?? "";
  const isDangerous = dangerousModules.has(topLevel) || dangerousParts.test(name) || dangerousNames.test(global.name);
  return { name, trust: isDangerous ? "dangerous" : "unlisted" };
}

function qualify(moduleName: string, names: string): string[] {
  return names.split(" ").map((name) => `${moduleName}.${name}`);
}
