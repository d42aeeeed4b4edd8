import assert from "node:assert/strict";
import { test } from "node:test";
import type { PickleTrust } from "../../../src/core/checkpoints/importedName.ts";
import { trustOf } from "../../../src/core/checkpoints/pickleTrust.ts";

/** Each name as a pickle writes it: module, space, name. */
function check(expected: PickleTrust, names: string): void {
  for (const line of names.trim().split(/\n\s*/)) {
    const [module = "", name = ""] = line.split(" ");
    assert.equal(trustOf({ kind: "global", module, name, fullName: `${module}.${name}` }).trust, expected, line);
  }
}

test("what Python's own library can do is dangerous, but for plain values", () => {
  check(
    "dangerous",
    `pathlib Path.write_text
     pathlib Path.unlink
     pathlib PosixPath.rmdir
     _posixsubprocess fork_exec
     _interpreters run_string
     _xxsubinterpreters run_string
     _winapi CreateProcess
     site main
     atexit register
     gzip open
     lzma open
     bz2 BZ2File
     _pyio open
     compileall compile_dir
     unittest.mock _importer
     typing get_type_hints
     collections namedtuple
     random Random.seed
     re template
     _io FileIO
     logging.config dictConfig
     logging FileHandler
     exceptions eval
     dbhash open
     SocketServer TCPServer`,
  );
  check(
    "known",
    `pathlib PosixPath
     collections OrderedDict
     datetime timedelta
     typing Any
     re _compile
     random Random
     zoneinfo ZoneInfo._unpickle
     time struct_time
     array _array_reconstructor
     ipaddress IPv4Address
     _io BytesIO
     logging getLogger
     __builtin__ long
     exceptions ValueError
     copy_reg _reconstructor`,
  );
});

test("names of other libraries that evaluate text, load code or write files are dangerous, and their classes are not", () => {
  check(
    "dangerous",
    `sympy sympify
     sympy.core.sympify sympify
     numexpr evaluate
     pandas read_pickle
     pandas DataFrame.to_pickle
     yaml unsafe_load
     torch ops.load_library
     torch.classes load_library
     torch._utils _import_dotted_name
     torch.distributed.rpc rpc_sync
     numpy fromfile
     numpy ndarray.tofile
     numpy.core.multiarray fromfile
     fsspec open
     keras.models load_model
     transformers AutoModel.from_pretrained`,
  );
  check(
    "unlisted",
    `__main__ Config
     models.resnet Net
     utils.parser Options
     pandas DataFrame
     sympy.core.symbol Symbol
     sklearn.svm._classes SVC
     transformers.training_args TrainingArguments
     torch.nn.functional relu
     torch.optim.adam Adam`,
  );
});

test("what trainings keep of NumPy, torch and Hydra is known, and what makes or reads a file of its own is not", () => {
  check(
    "known",
    `numpy.random._pcg64 PCG64
     numpy.random.bit_generator SeedSequence
     numpy.random.bit_generator __pyx_unpickle_SeedSequence
     numpy.random._mt19937 MT19937
     numpy float64
     numpy.dtypes Float32DType
     numpy.ma.core _mareconstruct
     torch.cuda FloatStorage
     torch BoolTensor
     torch uint4
     torch per_channel_symmetric
     torch.sparse FloatTensor
     torch.distributed.tensor DTensor
     torch.distributed.tensor.placement_types Shard
     omegaconf.dictconfig DictConfig
     omegaconf.nodes AnyNode`,
  );
  check(
    "unlisted",
    `numpy memmap
     omegaconf OmegaConf.create
     torch.distributed.device_mesh init_device_mesh`,
  );
  check("dangerous", "torch.utils.benchmark.utils.timer Timer");
});
