import { isErrorText } from "./failureLine.ts";
import type { Run } from "./runRecord.ts";

/** Where the name to import is not the name to install. */
const PACKAGE_OF_MODULE: Readonly<Record<string, string>> = {
  sklearn: "scikit-learn",
  cv2: "opencv-python",
  PIL: "pillow",
  yaml: "pyyaml",
  skimage: "scikit-image",
  bs4: "beautifulsoup4",
  dateutil: "python-dateutil",
  pytorch_lightning: "pytorch-lightning",
};

/** What happened and what to do next, for a run whose state is `failed`; `after` is "" or " after 3 s". */
export function describeFailure(run: Run, after: string): string {
  const { status } = run;
  const { title, interpreter } = run.record.plan;
  if (status.startedAt === undefined) {
    return `Run ${title} did not start. ${status.problem ?? "The reason was not recorded."}`;
  }
  const found = status.failure;
  const isExplained = found !== undefined && isErrorText(found.text);
  const claim = `Run ${title} ${describeManner(run)}${after}`;
  const detail =
    found === undefined
      ? "It printed nothing."
      : isExplained
        ? undefined
        : `The last line it printed (train.log line ${found.line}): ${quoted(found.text)}.`;
  const parts = [
    isExplained ? `${claim}: ${found.text} (train.log line ${found.line}).` : `${claim}.`,
    detail,
    isExplained ? hintFor(found.text, interpreter.path) : hintForSignal(run),
    status.problem,
  ];
  return parts.filter((part) => part !== undefined).join(" ");
}

function describeManner({ status }: Run): string {
  if (status.signal !== undefined) {
    return `was killed by ${status.signal}`;
  }
  return status.exitCode === undefined ? "failed" : `failed with exit code ${status.exitCode}`;
}

function hintFor(text: string, interpreterPath: string): string | undefined {
  const module = /No module named '([\w.]+)'/.exec(text)?.[1]?.split(".")[0];
  if (module !== undefined) {
    const name = PACKAGE_OF_MODULE[module] ?? module;
    return `If it is a package, install it into the interpreter of this run: ${interpreterPath} -m pip install ${name}`;
  }
  if (/can't allocate memory|std::bad_alloc|^MemoryError/.test(text)) {
    return "The machine ran out of memory. Load less data at once, or use fewer data-loader workers.";
  }
  if (/out of memory|RESOURCE_EXHAUSTED|ResourceExhausted|ALLOC_FAILED/.test(text)) {
    return "Use a smaller batch with gradient accumulation, mixed precision, or a GPU with more free memory.";
  }
  if (/No space left on device|Disk quota exceeded/.test(text)) {
    return "Free some disk space; a checkpoint that was being written is torn, so resume from the one before it.";
  }
  return undefined;
}

/** 137 is SIGKILL as a shell reports it; nothing but the kernel and a person sends that. */
function hintForSignal({ status }: Run): string | undefined {
  if (status.signal === "SIGKILL" || status.exitCode === 137) {
    return (
      "Nothing in its output explains it, so the system probably killed it for lack of memory. " +
      'Use fewer data-loader workers or smaller batches, and look for "Out of memory" in the system log.'
    );
  }
  if (status.signal === "SIGSEGV" || status.exitCode === 139) {
    return "Native code crashed. Set PYTHONFAULTHANDLER=1 and run it again to see where.";
  }
  return undefined;
}

function quoted(text: string): string {
  return `“${text.length > 200 ? `${text.slice(0, 200)}…` : text}”`;
}
