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
import { describeFileError, errorCode } from "../base/fileErrors.ts";

/** A GPU whose driver hangs answers never; a machine without persistence mode takes seconds to wake up. */
const TIMEOUT_MS = 5_000;

/** Far more than a machine with sixteen GPUs and all their processes prints. */
const MAX_OUTPUT_CHARACTERS = 1_000_000;

/** Where the tool lies although PATH does not say so: Windows Subsystem for Linux, Windows. */
const KNOWN_PLACES = ["/usr/lib/wsl/lib/nvidia-smi", "C:\\Windows\\System32\\nvidia-smi.exe"];

export type GpuQueryOptions = {
  environment: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
};

/** What decides which GPUs a training may see: its own variables stand above those of this process. */
export function deviceEnvironment({ environment }: Pick<LaunchPlan, "environment">): NodeJS.ProcessEnv {
  return { ...process.env, ...environment };
}

/** Asks `nvidia-smi` what there is. A missing, failing or hanging tool is a reason for the CPU and never an error. */
export async function queryGpus(options: GpuQueryOptions): Promise<GpuQueryResult> {
  const ask = (args: readonly string[]) => runNvidiaSmi(args, options);
  const core = await ask([`--query-gpu=${CORE_FIELDS}`, "--format=csv,noheader,nounits"]);
  if (core.kind === "failed") {
    return { kind: "none", reason: core.reason };
  }
  const [optional, processes] = await Promise.all([
    ask([`--query-gpu=${OPTIONAL_FIELDS}`, "--format=csv,noheader,nounits"]),
    ask([`--query-compute-apps=${PROCESS_FIELDS}`, "--format=csv,noheader,nounits"]),
  ]);
  const report: GpuReport = {
    core: core.output,
    ...outputOf("optional", optional),
    ...outputOf("processes", processes),
  };
  const isPartitioned = parseGpuReport(report).some((gpu) => gpu.isPartitioned);
  const list = isPartitioned ? outputOf("list", await ask(["-L"])) : {};
  return { kind: "found", gpus: parseGpuReport({ ...report, ...list }) };
}

type Answer = { kind: "answered"; output: string } | { kind: "failed"; reason: string };

function outputOf(key: "optional" | "processes" | "list", answer: Answer): Partial<GpuReport> {
  return answer.kind === "answered" ? { [key]: answer.output } : {};
}

async function runNvidiaSmi(args: readonly string[], options: GpuQueryOptions): Promise<Answer> {
  options.signal?.throwIfAborted();
  const answer = await runTool("nvidia-smi", args, options);
  if (answer.kind === "missing") {
    const known = KNOWN_PLACES.find((path) => existsSync(path));
    const second = known ? await runTool(known, args, options) : answer;
    return second.kind === "missing"
      ? { kind: "failed", reason: "no NVIDIA GPU: `nvidia-smi` is not on PATH" }
      : second;
  }
  return answer;
}

function runTool(
  tool: string,
  args: readonly string[],
  { environment, signal, timeoutMs = TIMEOUT_MS }: GpuQueryOptions,
): Promise<Answer | { kind: "missing" }> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { env: environment, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
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
      finish({ kind: "failed", reason: `\`nvidia-smi\` did not answer within ${timeoutMs / 1000} seconds` });
    }, timeoutMs);
    const abort = () => {
      stop();
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const finish = (answer: Answer | { kind: "missing" }) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      resolve(answer);
    };
    signal?.addEventListener("abort", abort, { once: true });
    child.on("error", (error) =>
      finish(
        errorCode(error) === "ENOENT"
          ? { kind: "missing" }
          : {
              kind: "failed",
              reason: `no GPU can be used: \`nvidia-smi\` could not be started: ${describeFileError(error)}`,
            },
      ),
    );
    child.on("close", (code) =>
      finish(code === 0 ? { kind: "answered", output } : { kind: "failed", reason: failureReason(code, output) }),
    );
  });
}

function failureReason(code: number | null, output: string): string {
  const [first = ""] = output.trim().split("\n");
  const said = first.replace(/\.?\s*$/, "").slice(0, 200);
  return `no GPU can be used: \`nvidia-smi\` failed with exit code ${code ?? "unknown"}${said && ` (${said})`}`;
}
