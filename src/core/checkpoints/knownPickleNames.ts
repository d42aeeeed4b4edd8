/** What is a value and no more, as settings hold it: none of these opens, evaluates or imports what it is given. */
const plainValues = [
  ...qualify("array", "array _array_reconstructor"),
  ...qualify("_io", "BytesIO StringIO"),
  ...qualify("collections", "ChainMap UserDict UserList UserString"),
  ...qualify("enum", "Enum IntEnum Flag IntFlag StrEnum auto"),
  ...qualify(
    "builtins",
    "ArithmeticError AssertionError AttributeError Exception FloatingPointError IndexError KeyError KeyboardInterrupt " +
      "LookupError NotImplementedError OSError OverflowError RuntimeError StopIteration TypeError ValueError " +
      "ZeroDivisionError long unicode",
  ),
  ...qualify("ipaddress", "IPv4Address IPv6Address IPv4Network IPv6Network"),
  ...qualify("logging", "getLogger"),
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

/**
 * Arrays, single numbers and random generators of NumPy. `memmap` is none of them: pickles of an array in a file name it as a
 * class, and calling it makes a file anew.
 */
const numpyNames = [
  ...["numpy", "numpy.core.numeric", "numpy._core.numeric"].flatMap((name) =>
    qualify(name, "dtype ndarray _frombuffer"),
  ),
  ...["numpy.core.multiarray", "numpy._core.multiarray"].flatMap((name) => qualify(name, "_reconstruct scalar")),
  ...qualify("numpy", "bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 intc uintc longlong ulonglong"),
  ...qualify("numpy", "float16 float32 float64 longdouble complex64 complex128 clongdouble"),
  ...qualify("numpy", "datetime64 timedelta64 str_ bytes_ object_ void record recarray"),
  ...qualify("numpy.rec", "recarray record"),
  ...qualify("numpy.ma", "MaskedArray"),
  ...qualify("numpy.ma.core", "MaskedArray _mareconstruct"),
  ...qualify("numpy.dtypes", "BoolDType Int8DType Int16DType Int32DType Int64DType LongDType LongLongDType"),
  ...qualify("numpy.dtypes", "UInt8DType UInt16DType UInt32DType UInt64DType ULongDType ULongLongDType"),
  ...qualify("numpy.dtypes", "Float16DType Float32DType Float64DType LongDoubleDType Complex64DType Complex128DType"),
  ...qualify(
    "numpy.dtypes",
    "CLongDoubleDType StrDType BytesDType DateTime64DType TimeDelta64DType ObjectDType VoidDType",
  ),
  ...qualify("numpy.random._pickle", "__randomstate_ctor __bit_generator_ctor __generator_ctor"),
  ...qualify("numpy.random.bit_generator", "SeedSequence __pyx_unpickle_SeedSequence"),
  ...["mt19937 MT19937", "pcg64 PCG64", "pcg64 PCG64DXSM", "philox Philox", "sfc64 SFC64"].map(
    (name) => `numpy.random._${name.replace(" ", ".")}`,
  ),
];

const tensorTypes = "Double Float Half BFloat16 Long Int Short Char Byte Bool ComplexFloat ComplexDouble";

/** Kinds of tensors and storages, and what says how they lie; torch itself allows these without running anything. */
const torchKinds = [
  ...["torch", "torch.cuda", "torch.sparse", "torch.cuda.sparse"].flatMap((module) =>
    tensorTypes.split(" ").flatMap((type) => qualify(module, `${type}Tensor ${type}Storage`)),
  ),
  ...qualify("torch", "bits1x8 bits2x4 bits4x2 bits8 bits16 int1 int2 int3 int4 int5 int6 int7"),
  ...qualify("torch", "uint1 uint2 uint3 uint4 uint5 uint6 uint7 quint4x2 quint2x4"),
  ...qualify("torch", "QInt8Storage QUInt8Storage QInt32Storage QUInt4x2Storage QUInt2x4Storage"),
  ...qualify("torch", "per_tensor_symmetric per_channel_symmetric per_channel_affine_float_qparams"),
  ...qualify("torch", "sparse_csr sparse_csc sparse_bsr sparse_bsc"),
  ...["torch.distributed.tensor", "torch.distributed.tensor._api", "torch.distributed._tensor.api"].flatMap((module) =>
    qualify(module, "DTensor"),
  ),
  ...qualify("torch.distributed.tensor._dtensor_spec", "DTensorSpec TensorMeta ShardOrderEntry"),
  ...qualify("torch.distributed.tensor.placement_types", "Partial Replicate Shard _StridedShard"),
  ...qualify("torch.distributed.device_mesh", "DeviceMesh"),
  ...qualify("torch.distributed._mesh_layout", "_FlatLayout _MeshLayout"),
  ...qualify("torch.nested._internal.nested_tensor", "NestedTensor _rebuild_njt"),
];

/** Settings of Hydra and OmegaConf, which many trainings keep in their checkpoints. */
const omegaconfNames = [
  ...qualify("omegaconf.base", "ContainerMetadata Metadata"),
  ...qualify("omegaconf.dictconfig", "DictConfig"),
  ...qualify("omegaconf.listconfig", "ListConfig"),
  ...qualify("omegaconf.nodes", "AnyNode BooleanNode BytesNode EnumNode FloatNode IntegerNode PathNode StringNode"),
];

/** Exact names; a list of forbidden names would always leak, so everything that is not here is flagged. */
export const knownPickleNames: ReadonlySet<string> = new Set([
  ...plainValues,
  ...numpyNames,
  ...torchKinds,
  ...omegaconfNames,
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
  ...qualify(
    "torch",
    "Size Tensor device Generator strided sparse_coo contiguous_format channels_last per_tensor_affine",
  ),
  ...qualify("torch", "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 uint16 uint32 uint64 bool"),
  ...qualify("torch", "complex32 complex64 complex128 qint8 quint8 qint32 float8_e4m3fn float8_e5m2 float8_e8m0fnu"),
  ...qualify("torch", "float8_e4m3fnuz float8_e5m2fnuz float4_e2m1fn_x2 preserve_format per_channel_affine"),
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

function qualify(moduleName: string, names: string): string[] {
  return names.split(" ").map((name) => `${moduleName}.${name}`);
}
