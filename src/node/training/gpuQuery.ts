import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { GpuQueryResult } from "../../core/training/gpuChoice.ts";
import {
  CORE_FIELDS,
  type GpuReport,
  OPTIONAL_FIELDS,
  PROCESS_FIELDS,
  parseGpuReport,
} from "../../core/training/gpuReport.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { parseRocmReport, ROCM_ARGUMENTS } from "../../core/training/rocmReport.ts";
import { errorCode } from "../base/fileErrors.ts";

/** A GPU whose driver hangs answers never; a machine without persistence mode takes seconds to wake up. */
const TIMEOUT_MS = 5_000;

/** Far more than a machine with sixteen GPUs and all their processes prints. */
const MAX_OUTPUT_CHARACTERS = 1_000_000;

/** Where a tool lies although PATH does not say so: Windows Subsystem for Linux, Windows; the installer of ROCm. */
const KNOWN_PLACES = {
  "nvidia-smi": ["/usr/lib/wsl/lib/nvidia-smi", "C:\\Windows\\System32\\nvidia-smi.exe"],
  "rocm-smi": ["/opt/rocm/bin/rocm-smi"],
} as const;

type Tool = keyof typeof KNOWN_PLACES;

export type GpuQueryOptions = {
  environment: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
  /** The machine that is asked; this one by default. */
  machine?: { platform: NodeJS.Platform; arch: string };
};

/** What decides which GPUs a training may see: its own variables stand above those of this process. */
export function deviceEnvironment({ environment }: Pick<LaunchPlan, "environment">): NodeJS.ProcessEnv {
  return { ...process.env, ...environment };
}

/**
 * Asks `nvidia-smi`, or where that is missing `rocm-smi`, what there is. A missing, failing or hanging tool is a reason for the CPU and
 * never an error. A Mac with a chip of Apple has a GPU that nobody is asked about.
 */
export async function queryGpus(options: GpuQueryOptions): Promise<GpuQueryResult> {
  const { platform, arch } = options.machine ?? process;
  if (platform === "darwin" && arch === "arm64") {
    return { kind: "none", reason: "the one GPU of a Mac is shared by all that run there", hasMps: true };
  }
  const core = await ask("nvidia-smi", [`--query-gpu=${CORE_FIELDS}`, CSV], options);
  if (core.kind === "missing") {
    return queryRocm(options);
  }
  if (core.kind === "failed") {
    return { kind: "none", reason: core.reason };
  }
  const [optional, processes] = await Promise.all([
    ask("nvidia-smi", [`--query-gpu=${OPTIONAL_FIELDS}`, CSV], options),
    ask("nvidia-smi", [`--query-compute-apps=${PROCESS_FIELDS}`, CSV], options),
  ]);
  const report: GpuReport = {
    core: core.output,
    ...outputOf("optional", optional),
    ...outputOf("processes", processes),
  };
  const isPartitioned = parseGpuReport(report).some((gpu) => gpu.isPartitioned);
  const list = isPartitioned ? outputOf("list", await ask("nvidia-smi", ["-L"], options)) : {};
  return { kind: "found", gpus: parseGpuReport({ ...report, ...list }) };
}

const CSV = "--format=csv,noheader,nounits";

async function queryRocm(options: GpuQueryOptions): Promise<GpuQueryResult> {
  const answer = await ask("rocm-smi", ROCM_ARGUMENTS, options);
  if (answer.kind === "missing") {
    return { kind: "none", reason: "no GPU: neither `nvidia-smi` nor `rocm-smi` is on PATH" };
  }
  if (answer.kind === "failed") {
    return { kind: "none", reason: answer.reason };
  }
  const gpus = parseRocmReport(answer.output);
  if (gpus === undefined || gpus.length === 0) {
    const said = gpus === undefined ? "did not answer in JSON" : "lists none";
    return { kind: "none", reason: `no AMD GPU: \`rocm-smi\` ${said}` };
  }
  return { kind: "found", gpus };
}

type Answer = { kind: "answered"; output: string } | { kind: "failed"; reason: string } | { kind: "missing" };

function outputOf(key: "optional" | "processes" | "list", answer: Answer): Partial<GpuReport> {
  return answer.kind === "answered" ? { [key]: answer.output } : {};
}

async function ask(tool: Tool, args: readonly string[], options: GpuQueryOptions): Promise<Answer> {
  options.signal?.throwIfAborted();
  const answer = await runTool(tool, tool, args, options);
  const known = answer.kind === "missing" ? KNOWN_PLACES[tool].find((path) => existsSync(path)) : undefined;
  return known === undefined ? answer : runTool(tool, known, args, options);
}

function runTool(
  tool: Tool,
  path: string,
  args: readonly string[],
  { environment, signal, timeoutMs = TIMEOUT_MS }: GpuQueryOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { env: environment, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    let output = "";
    const collect = (text: string) => {
      output = (output + text).slice(0, MAX_OUTPUT_CHARACTERS);
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    const stop = () => {
      // A driver that hangs does not answer to anything milder, and its pipes may stay open.
      child.kill("SIGKILL");
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => {
      stop();
      finish({ kind: "failed", reason: `\`${tool}\` did not answer within ${timeoutMs / 1000} seconds` });
    }, timeoutMs);
    const abort = () => {
      stop();
      clearTimeout(timer);
      process.off("exit", stop);
      reject(signal?.reason);
    };
    const finish = (answer: Answer) => {
      clearTimeout(timer);
      process.off("exit", stop);
      signal?.removeEventListener("abort", abort);
      resolve(answer);
    };
    signal?.addEventListener("abort", abort, { once: true });
    // A tool that hangs would outlive a run that ends before the time limit.
    process.on("exit", stop);
    child.on("error", (error) => finish(notStarted(tool, error)));
    child.on("close", (code) =>
      finish(code === 0 ? { kind: "answered", output } : { kind: "failed", reason: failureReason(tool, code, output) }),
    );
  });
}

function notStarted(tool: Tool, error: Error): Answer {
  const code = errorCode(error);
  return code === "ENOENT"
    ? { kind: "missing" }
    : { kind: "failed", reason: `no GPU can be used: \`${tool}\` could not be started (${code ?? error.message})` };
}

function failureReason(tool: Tool, code: number | null, output: string): string {
  const [first = ""] = output.trim().split("\n");
  const said = first.replace(/\.?\s*$/, "").slice(0, 200);
  return `no GPU can be used: \`${tool}\` failed with exit code ${code ?? "unknown"}${said && ` (${said})`}`;
}
