import { isPythonProgram } from "../interpreterChoice.ts";
import { type ModuleRemedy, remedyFor } from "../missingModule.ts";
import { missingProgram } from "./exitStatus.ts";
import { type FailureCause, SELF_EVIDENT } from "./failureCause.ts";
import type { MemoryKills } from "./failureFacts.ts";
import { adviseOnDriver, adviseOnHolder, holderOfGpu } from "./gpuAdvice.ts";

/** What advice may depend on: the line that names the cause, and the interpreter of the run where there is a run. */
export type AdviceContext = MemoryKills & {
  text: string;
  interpreterPath?: string | undefined;
  exitCode?: number | undefined;
  isFlow?: boolean | undefined;
  /** False where the run left none; unless somebody looked it is taken to have one. */
  hasCheckpoint?: boolean | undefined;
};

const SMALLER_BATCH =
  "Use a smaller batch with gradient accumulation, mixed precision, or a GPU with more free memory.";
const RESUME = "Resume from the newest checkpoint that is whole.";
const RESTART = "No checkpoint of it was found to resume from, so start it again.";
const RESUME_FLOW = "Resume the flow: it takes over the steps that finished.";

/** The one thing to do next, a full sentence or two. */
export function adviseOn(cause: FailureCause, context: AdviceContext): string {
  const advice = ADVICE[cause];
  const said = typeof advice === "string" ? advice : advice(context);
  if (context.isFlow === true) {
    return said.replace(RESUME, RESUME_FLOW);
  }
  return context.hasCheckpoint === false ? said.replace(RESUME, RESTART) : said;
}

const ADVICE: Readonly<Record<FailureCause, string | ((context: AdviceContext) => string)>> = {
  "gpu-memory": ({ text }) => adviseOnGpuMemory(text),
  "host-memory": "Load less data at once, or use fewer data-loader workers.",
  "nan-loss":
    "Lower the learning rate, clip the gradients, and look for values in the data that are not finite; resume from a checkpoint of before.",
  "data-not-finite":
    "A value of the data is missing or infinite. Look which columns hold one (df.isna().sum(), numpy.isinf), and fill or drop them; where a metric refused it, look at what the model predicts.",
  "disk-full": "Free some disk space; a checkpoint that was being written is torn, so resume from the one before it.",
  "file-limit":
    "A file grew larger than the shell (ulimit -f) or the file system allows. Raise that limit, or write to another disk; what was being written is torn.",
  "data-loader-worker":
    "Use fewer data-loader workers: a worker that is killed was most often out of memory. With num_workers=0 an error inside of it is shown.",
  "shared-memory":
    "Data-loader workers hand batches over in /dev/shm, which was full. Use fewer workers, or start the container with more of it (--shm-size=8g, or --ipc=host).",
  "open-files":
    "Raise the limit (ulimit -n 65536), or call torch.multiprocessing.set_sharing_strategy('file_system') at the start of the script.",
  "collective-timeout":
    "One process did not come to the same collective call as the others. Look for the first one that stopped: a failed save, an uneven number of batches, a call on rank 0 alone. TORCH_NCCL_TRACE_BUFFER_SIZE=2000 and NCCL_DEBUG=INFO tell which.",
  "collective-error": ({ text }) =>
    /collective mismatch/.test(text)
      ? "The processes did not bring the same to one collective call: a tensor of another size, or another call. Look where they differ, such as in the last batch (drop_last=True) or in a branch that one rank alone takes."
      : "Run it again with NCCL_DEBUG=INFO, which names the failing link, and check that each process has a GPU of its own.",
  "port-in-use":
    "Another program, often an earlier launch that still runs, holds the port. End it, or start torchrun with --standalone or another --master-port.",
  "missing-package": (context) => adviseOnModule(context),
  "other-environment": "Start it with the Python of the environment that has the package.",
  "package-environment": ({ text }) => {
    const asked = /@(pypi|conda) decorator requires/.exec(text)?.[1];
    return asked === undefined
      ? "Metaflow makes the environments of @pypi and @conda with micromamba, which it downloads unless it is on the PATH, and with packages from their index. Start it where both can be reached; @pypi(disabled=True) runs a step with the packages that are installed here."
      : `Metaflow makes the environments of @pypi and @conda only where it is told to: put --environment=${asked} in front of run.`;
  },
  "relative-import":
    "A file of a package cannot be started by its path, since its imports begin with a dot. Start it as a module from the folder above the package: python -m package.module",
  "broken-import": ({ text }) =>
    /GLIBCX{0,2}_/.test(text)
      ? "The package was built for a newer C or C++ library than this one. In a conda environment install a newer one (conda install -c conda-forge libstdcxx-ng), else an older version of the package."
      : "Two packages were built for different versions of each other. Install the one that fails again in the version that fits the other.",
  "missing-name": (context) => adviseOnName(context),
  "circular-import":
    "Two files import each other at their top. Move what both need into a third file, or import it inside of the function that uses it. If one belongs to a library, a file of your own has the name of one of its modules: rename it.",
  "other-python":
    "The package is installed for the Python of this run, so the program that misses it was started with another one. Where the code starts `python`, let it start sys.executable, or start the run in the activated environment.",
  "own-module": "Python does not search the folder that holds it. Set PYTHONPATH to that folder.",
  "missing-program": ({ text }) => {
    const program = missingProgram({ exitCode: 127 }, text) ?? "The program";
    return `${program} is not on the PATH of this run. Check how it is spelled, and activate the environment that has it before the run starts.`;
  },
  "missing-file": ({ text }) =>
    ENDS_IN_RETURN.test(text)
      ? "The path ends in a carriage return (\\r): the shell script or the list that names it has the line ends of Windows. Change them in that file: sed -i 's/\\r$//' FILE"
      : "Check the path against the folder that the run starts in.",
  "missing-folder": ({ text }) => {
    const folder = /Parent directory ['"]?(.+?)['"]? does not exist/.exec(text)?.[1] ?? "the folder";
    return `PyTorch does not make folders. Make ${folder} before the first save, best in the script: os.makedirs(${JSON.stringify(folder)}, exist_ok=True).`;
  },
  permission: ({ text, exitCode }) => {
    // A shell ends with 126 for a program that it found and may not start.
    const file = exitCode === 126 ? /(?:^|: )([^:\s]+): Permission denied$/.exec(text)?.[1] : undefined;
    return file === undefined
      ? "Choose a folder that may be written, or change its owner."
      : `${file} may not be executed. Allow it (chmod +x ${file}), or start it with its interpreter, such as bash ${file}.`;
  },
  "not-logged-in":
    "Log in with the tool of that service, accept the conditions of the model where it asks for it, and start again.",
  network: `The network failed, not the training. ${RESUME} With the files in the local cache, HF_HUB_OFFLINE=1 needs no network.`,
  "damaged-checkpoint": ({ text }) =>
    /invalid load key, '[v<]'/.test(text)
      ? "The file is text and no checkpoint: a pointer of Git LFS (git lfs pull gets the file), or a web page that was saved in its place. Look at its first line."
      : `The file was not written to its end. ${RESUME}`,
  "damaged-file":
    "A file of the data was not written or downloaded to its end. Get it again, and delete it from the cache first.",
  "foreign-checkpoint":
    "The checkpoint was saved from another model or another version of it. Start with the settings that it was saved with, or choose the checkpoint that belongs to this model.",
  "weights-only":
    "PyTorch loads only weights from files that it was not told to trust. If the file is your own, pass weights_only=False to torch.load.",
  "shape-mismatch":
    "Compare the shapes in the message with what the layer and the data give; the last batch may be smaller (drop_last=True).",
  "device-mismatch": "Move the model and every tensor of the batch to the same device.",
  "dtype-mismatch": "Convert one side, or run the step under torch.autocast.",
  "device-assert":
    "Most often a label or a token is larger than the number of classes. Run it again with CUDA_LAUNCH_BLOCKING=1, which shows the line that asked for it.",
  "gpu-fault": "Run it again with CUDA_LAUNCH_BLOCKING=1, which shows the line that asked for the kernel.",
  "gpu-hardware": "The GPU reported a fault of its own. Resume on another one, and have this one reset or checked.",
  "gpu-driver": ({ text }) => adviseOnDriver(text),
  "missing-operator":
    "Use another number type for this operation, or set PYTORCH_ENABLE_MPS_FALLBACK=1 to compute it on the CPU.",
  "unused-parameters":
    "Some parameters got no gradient. Leave them out of the model, or pass find_unused_parameters=True to DistributedDataParallel.",
  "main-guard": 'Put what starts the training under if __name__ == "__main__": worker processes import the script.',
  "cuda-fork":
    "A process that had used CUDA forked another one. Start workers with spawn (torch.multiprocessing.set_start_method('spawn'), or multiprocessing_context='spawn' of the DataLoader), or use CUDA only in the main process.",
  pickling:
    "What goes to a worker process has to be defined at the top of a module: no lambda, no function inside of a function.",
  usage: "Correct the arguments; --help lists what the script takes.",
  syntax: "Correct the line that is named, then start again.",
  "native-crash": ({ text }) =>
    namesPlace(text)
      ? "The lines that follow show where in Python native code crashed. Try another version of the package that is named there."
      : "Set PYTHONFAULTHANDLER=1 and run it again to see where.",
  preempted: RESUME,
  "time-limit": `${RESUME} Ask for more time, or save more often than the limit is long.`,
  interrupted: RESUME,
  terminated: `A person, a job scheduler or the system told it to end. ${RESUME}`,
  killed: ({ memoryKills, memoryKillsElsewhere = 0 }) => {
    if (memoryKillsElsewhere > 0) {
      return `If the training ran in a container or under a memory limit of its own, it was out of memory: give it more, or use a smaller batch or fewer data-loader workers. The system log (dmesg) names the process that was killed. ${RESUME}`;
    }
    return memoryKills === 0
      ? `So a time limit (timeout -s KILL, ulimit -t), a person or another program sent the signal. ${RESUME}`
      : 'A person, a job scheduler or the kernel for lack of memory may have sent the signal. Look for "Out of memory" in the system log (dmesg).';
  },
  "reported-error": SELF_EVIDENT,
  exception: ({ text }) => EXCEPTIONS.find(({ pattern }) => pattern.test(text))?.advice ?? SELF_EVIDENT,
  unknown: ({ exitCode, interpreterPath }) => adviseOnSilence(exitCode, interpreterPath),
};

/** As Python and the shell quote it; of `C:\\data\\r` the backslash is one of the path. */
const ENDS_IN_RETURN = /(?<!\\)\\r['"]/;

/** Exceptions whose sentence does not say by itself what to look at. */
const EXCEPTIONS: readonly { pattern: RegExp; advice: string }[] = [
  {
    pattern: /\[Errno (?:5|107|112|116|121)\]/,
    advice: `The disk or the network file system failed, not the training. Look at it (dmesg, df). ${RESUME}`,
  },
  {
    pattern: /^ValueError: Invalid classes inferred from unique values of `y`/,
    advice: "The labels have to be counted from 0 without a gap: sklearn.preprocessing.LabelEncoder makes them so.",
  },
  {
    pattern: /^EOFError: EOF when reading a line/,
    advice:
      "The program asked for input, and a run has no keyboard. Give the answer as an argument or an environment variable, then start again.",
  },
  {
    pattern: /^IndexError: Target -?\d+ is out of bounds/,
    advice:
      "A label is not one of the classes that the model gives, which are counted from 0. Compare the smallest and the largest label with the size of the last layer.",
  },
  {
    pattern: /^IndexError: index out of range in self/,
    advice:
      "An embedding was asked for an index that it does not have. Compare the largest index, such as a token of the tokenizer, with its num_embeddings.",
  },
];

function adviseOnSilence(exitCode: number | undefined, interpreterPath: string | undefined): string {
  if (exitCode === undefined) {
    return RESUME;
  }
  return interpreterPath === undefined || isPythonProgram(interpreterPath)
    ? `Python prints every other error, so the program ended itself (sys.exit, os._exit): where its last line does not say why, let it print the reason. ${RESUME}`
    : `Look at its last lines, or start it by hand with more output. ${RESUME}`;
}

/** Python's fault handler prints it, and below it where Python was. */
export function namesPlace(text: string): boolean {
  return text.startsWith("Fatal Python error: ");
}

function adviseOnGpuMemory(text: string): string {
  const holder = holderOfGpu(text);
  if (holder !== undefined) {
    return adviseOnHolder(holder);
  }
  return isFragmented(text)
    ? "Much of the memory was reserved and not used: set PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True, and use a smaller batch if that is not enough."
    : SMALLER_BATCH;
}

/** Reserved by PyTorch but unallocated: more than a tenth of what is allocated is fragmentation rather than need. */
export function isFragmented(text: string): boolean {
  const allocated = sizeIn(/([\d.]+) (MiB|GiB) is allocated by PyTorch/.exec(text));
  const unused = sizeIn(/([\d.]+) (MiB|GiB) is reserved by PyTorch but unallocated/.exec(text));
  return allocated !== undefined && unused !== undefined && unused > allocated / 10;
}

function sizeIn(match: RegExpExecArray | null): number | undefined {
  return match === null ? undefined : Number(match[1]) * (match[2] === "GiB" ? 1024 : 1);
}

/** The dotted name of the module that a message misses. */
export function moduleOfText(text: string): string | undefined {
  return /No module named '?(\w+(?:\.\w+)*)/.exec(text)?.[1];
}

/** The package that a message misses, by the name under which it is installed; undefined where none is to be installed. */
export function packageOfText(text: string): string | undefined {
  const remedy = remedyOfText(text);
  return remedy !== undefined && "packageName" in remedy ? remedy.packageName : undefined;
}

function remedyOfText(text: string): ModuleRemedy | undefined {
  const module = moduleOfText(text);
  if (module !== undefined) {
    return remedyFor(module);
  }
  const packageName = /pip3? install (?:-U |--upgrade )?['"`]?([A-Za-z][\w.-]*)/.exec(text)?.[1];
  return packageName === undefined ? undefined : { packageName };
}

function adviseOnModule({ text, interpreterPath }: AdviceContext): string {
  return adviseOnRemedy(remedyOfText(text), interpreterPath);
}

function adviseOnRemedy(remedy: ModuleRemedy | undefined, interpreterPath: string | undefined): string {
  if (remedy === undefined) {
    return "Install what the message names into the interpreter of this run.";
  }
  if ("advice" in remedy) {
    return remedy.advice;
  }
  // A run may be the command of a person, and its program make or a shell.
  const python = interpreterPath !== undefined && isPythonProgram(interpreterPath) ? interpreterPath : "python";
  return `If it is a package, install it into the interpreter of this run: ${python} -m pip install ${remedy.packageName}`;
}

/** The name that an import asks for in vain, and the module as the message tells of it. */
export function nameOfText(text: string): { name: string; module: string; file: string | undefined } | undefined {
  const [, name, module, file] = /cannot import name '([^']+)' from '([^']+)'(?: \(([^)]+)\))?/.exec(text) ?? [];
  return name === undefined || module === undefined
    ? undefined
    : { name, module, file: file === "unknown location" ? undefined : file };
}

/** Newer versions of Python name the nearest one themselves. */
function adviseOnName({ text, interpreterPath }: AdviceContext): string {
  const asked = nameOfText(text);
  if (asked === undefined) {
    return "Correct the name that is imported, or define it.";
  }
  const { name, module, file } = asked;
  if (file === undefined && /^google(?:\.cloud)?$/.test(module)) {
    return adviseOnRemedy(remedyFor(`${module}.${name}`), interpreterPath);
  }
  const meant = /Did you mean: '([^']+)'/.exec(text)?.[1];
  const near = meant === undefined ? "" : ` The nearest name is ${meant}.`;
  const where = file === undefined ? module : `${module} (${file})`;
  return file !== undefined && /site-packages|dist-packages/.test(file)
    ? `There is no ${name} in ${where}.${near} Correct the name, or install the version of the package that has it.`
    : `There is no ${name} in ${where}.${near} Correct the name, or define it there.`;
}
