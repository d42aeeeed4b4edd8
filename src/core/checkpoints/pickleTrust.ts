import { standardModules } from "../base/pythonModules.ts";
import type { ImportedName } from "./importedName.ts";
import type { PickleGlobal } from "./inertPickleValue.ts";
import { knownPickleNames } from "./knownPickleNames.ts";

/** Python 2 names that Python 3 maps when it loads an old pickle, and the modules that `os` takes its functions from. */
const renamedModules = new Map([
  ["__builtin__", "builtins"],
  ["copy_reg", "copyreg"],
  ["cPickle", "pickle"],
  ["exceptions", "builtins"],
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
  /^(?:numpy\.(?:f2py|testing|distutils)|torch\.(?:hub|package|jit|_inductor|_dynamo|serialization|distributed\.(?:rpc|launcher|elastic|run)|fx\.(?:experimental|graph_module))|torch\.utils\.(?:bottleneck|benchmark|collect_env|cpp_extension|_config_module|data\.datapipes\.utils)|test\.support)(?:\.|$)/;

/** Names that run code, load it or write files although their top-level package is an ordinary library. */
const dangerousNames: ReadonlySet<string> = new Set([
  ...splitWords("system popen Popen check_output exec execfile eval compile run_path run_module runstring run_code"),
  ...splitWords("__import__ import_module _import_dotted_name getattr setattr sympify parse_expr lambdify"),
  ...splitWords("load loads load_module load_model load_library _load_from_bytes read_pickle from_pretrained get_file"),
  ...splitWords("open open_memmap fromfile from_file tofile dump save savez savez_compressed savetxt to_pickle to_csv"),
]);
const spawning = /^spawn\w*$/;

/** Layers that come with torch; saved whole, a model names the class of each. */
const torchLayers = /^torch\.nn\.modules\.\w+\.[A-Z]\w*$/;

export function trustOf(global: PickleGlobal): ImportedName {
  const moduleName = renamedModules.get(global.module) ?? global.module;
  const name = global.name === "" ? moduleName : `${moduleName}.${global.name}`;
  if (knownPickleNames.has(name) || torchLayers.test(name)) {
    return { name, trust: "known" };
  }
  const topLevel = moduleName.split(".", 1)[0] ?? "";
  const last = global.name.slice(global.name.lastIndexOf(".") + 1);
  const isDangerousName = dangerousNames.has(last) || spawning.test(last);
  const isDangerous = isDangerousName || dangerousModules.has(topLevel) || dangerousParts.test(name);
  return { name, trust: isDangerous ? "dangerous" : "unlisted" };
}

function splitWords(words: string): string[] {
  return words.split(" ");
}
