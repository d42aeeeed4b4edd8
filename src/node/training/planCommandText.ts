import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse, TomlError } from "smol-toml";
import * as z from "zod";
import { UserError } from "../../core/base/errors.ts";
import { chooseFreeGpus, isLeftToProgram } from "../../core/training/gpuChoice.ts";
import { isPythonProgram } from "../../core/training/interpreterChoice.ts";
import { launchCommandOf, readMakeTargets, type SpokenCommand } from "../../core/training/launchCommand.ts";
import { ignoresMask, toldGpus } from "../../core/training/launcherGpus.ts";
import type { LaunchPlan } from "../../core/training/launchPlan.ts";
import { findOnPath } from "../base/commandOnPath.ts";
import { readSource } from "../base/readSource.ts";
import { describeFolderUse } from "./checkpointFolderUse.ts";
import { planTypedCommand } from "./cli/commandScript.ts";
import { listGpuLeases } from "./gpuLease.ts";
import { watchGpus } from "./gpuLooks.ts";
import { findInterpreter } from "./interpreters.ts";
import type { PlanContext } from "./planLaunch.ts";
import { listRuns } from "./runLedger.ts";

/** A text that begins with a command of a launcher, of make or of the project; undefined for what names a script. */
export async function readLaunchCommand(text: string, root: string): Promise<SpokenCommand | undefined> {
  const [makefile, project] = await Promise.all(
    ["Makefile", "pyproject.toml"].map((name) => readSource(join(root, name))),
  );
  return launchCommandOf(text, {
    makeTargets: readMakeTargets(makefile ?? ""),
    projectScripts: readProjectScripts(project ?? ""),
  });
}

/** The plan of such a command: it runs as it is, with the Python of the workspace and the programs that are installed beside it. */
export async function planCommandWords(words: readonly string[], context: PlanContext): Promise<LaunchPlan> {
  const { workspaceFolder: root, environment } = context;
  const interpreter = findInterpreter({
    workspaceFolder: root,
    scriptFolder: root,
    environment,
    configured: context.pythonPath,
    active: context.activeInterpreter,
  });
  const at = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const program = words[at] ?? "";
  const beside = join(dirname(interpreter.path), process.platform === "win32" ? `${program}.exe` : program);
  const isBare = !/[\\/]/.test(program);
  const found = isBare && isPythonProgram(program) ? interpreter.path : isBare && existsSync(beside) ? beside : program;
  if (isBare && found === program && findOnPath(program, environment) === undefined) {
    throw new UserError(
      `\`${program}\` was found neither beside \`${interpreter.path}\` nor on PATH. Install it there, or choose another Python.`,
    );
  }
  const typed = await planTypedCommand([...words.slice(0, at), found, ...words.slice(at + 1)], root);
  const plan = { ...typed, ...(await freeGpusFor(typed, context)) };
  const use = await describeFolderUse(plan, (await listRuns(root)).runs);
  return {
    ...plan,
    ...use,
    ...(found === interpreter.path && { interpreter: { ...plan.interpreter, reason: interpreter.reason } }),
    warnings: [...plan.warnings, ...use.warnings],
  };
}

/** GPUs that nobody uses, for a launcher that is told how many processes to start: left alone, it takes the first ones. */
async function freeGpusFor(
  plan: LaunchPlan,
  { environment: host, leases, signal }: PlanContext,
): Promise<Partial<Pick<LaunchPlan, "device" | "environment">>> {
  const count = toldGpus(plan.command);
  if (count === undefined || !isLeftToProgram(plan.device) || ignoresMask(plan.command)) {
    return {};
  }
  const environment = { ...host, ...plan.environment };
  const [query, taken] = await Promise.all([
    watchGpus({ environment: host, signal }),
    leases === undefined ? [] : listGpuLeases(leases.folder, leases.isAlive),
  ]);
  const choice = chooseFreeGpus(count, { query, leases: taken, environment });
  return choice === undefined
    ? {}
    : {
        device: { ...choice.device, reason: "nobody uses them" },
        environment: { ...plan.environment, ...choice.environment },
      };
}

const projectSchema = z.object({ project: z.object({ scripts: z.record(z.string(), z.unknown()) }) });

function readProjectScripts(text: string): Set<string> {
  try {
    return new Set(Object.keys(projectSchema.safeParse(parse(text)).data?.project.scripts ?? {}));
  } catch (error) {
    if (error instanceof TomlError) {
      return new Set();
    }
    throw error;
  }
}
