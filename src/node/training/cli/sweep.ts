import { join } from "node:path";
import { UserError } from "../../../core/base/errors.ts";
import { renderCommandLine } from "../../../core/training/commandLine.ts";
import { FIRST_FREE_GPU, whyNoneGrantable, whyTooFew } from "../../../core/training/gpuChoice.ts";
import { gpusOf } from "../../../core/training/launcherGpus.ts";
import type { LaunchPlan } from "../../../core/training/launchPlan.ts";
import type { StopLevel } from "../../../core/training/runRecord.ts";
import { gridPoints, readSweepWords } from "../../../core/training/sweep/sweepGrid.ts";
import { renderSweepText, type SweepPlan } from "../../../core/training/sweep/sweepPlan.ts";
import {
  describeMemberFailures,
  describeSweep,
  describeSweepEnd,
  findSweep,
  renderSweepColumns,
} from "../../../core/training/sweep/sweepResults.ts";
import { hideGpus } from "../../../core/training/visibleGpus.ts";
import { type CliCall, type CliHost, type CliVerb, UsageError } from "../../base/cliVerb.ts";
import { FileWaker } from "../../base/fileWaker.ts";
import { readSource } from "../../base/readSource.ts";
import { VERB_TEXTS } from "../../base/verbTexts.ts";
import { deviceEnvironment, queryGpus } from "../gpuQuery.ts";
import { makeSweepId, planSweep, requireGrid, sweepWords } from "../planSweep.ts";
import { requirePreset } from "../presetFile.ts";
import { userLeases } from "../runLeases.ts";
import { listRuns, runsFolder } from "../runLedger.ts";
import { startSweep } from "../startSweep.ts";
import { stopSweep } from "../stopSweep.ts";
import { sweepLooks } from "../sweepLooks.ts";
import { planCommand } from "./commandPlan.ts";
import { describeScript, isMake, readCommandScript } from "./commandScript.ts";
import { inheritSecrets } from "./inheritSecrets.ts";
import { LOG_LIMIT_OPTION, readLogLimit } from "./logLimit.ts";
import { readStopGrace, STOP_GRACE_OPTION } from "./stopGrace.ts";

const POLL_MS = 1_000;
const MAX_JOBS = 64;

export const sweepVerb: CliVerb = {
  takesCommand: true,
  ...VERB_TEXTS.sweep,
  options: {
    preset: {
      type: "string",
      value: "name",
      help: "vary a preset of the workspace; arguments behind -- are added to its own",
    },
    jobs: { type: "string", short: "j", value: "n", help: "on the CPU, how many run at once; 1 without it" },
    cpu: { type: "boolean", help: "use no GPU, also where there is one" },
    "dry-run": { type: "boolean", help: "print the commands and start none" },
    detach: { type: "boolean", short: "d", help: "print the plan and return at once" },
    "log-limit": LOG_LIMIT_OPTION,
    "stop-grace": STOP_GRACE_OPTION,
  },
  workspace: "starts",
  // `--lr=1e-3,1e-4`, for a script whose arguments could not be read.
  isWord: (option) => /^--?[A-Za-z][\w.-]*=.*(?:,|\.\.)/.test(option),
  async run(call) {
    const settings = { ...readLogLimit(call.options), ...readStopGrace(call.options) };
    const { preset } = call.options;
    const sweep = typeof preset === "string" ? await planOfPreset(preset, call) : await plan(call);
    call.host.print(renderSweepText(sweep));
    if (call.options["jobs"] !== undefined && sweep.wait.gpus !== undefined) {
      call.host.print(
        "\n--jobs counts on the CPU only: here each run has a GPU of its own. To train on the CPU: --cpu",
      );
    }
    if (call.options["dry-run"] === true) {
      return 0;
    }
    call.host.print(`\nSweep ${sweep.id}: starting ${sweep.runs.length} runs.`);
    const stop = new SweepStop(call.root, sweep.id, call.host);
    process.on("SIGINT", stop.take);
    await startSweep(sweep, { root: call.root, ...call.host, settings });
    await stop.askAgain();
    call.host.print("It goes on when this terminal closes.");
    return call.options["detach"] === true ? 0 : follow(call.root, sweep.id, call.host);
  },
};

/** The same words as in the chat, behind the name of the preset. */
async function planOfPreset(name: string, { root, rest, words, options }: CliCall): Promise<SweepPlan> {
  await requirePreset(root, name);
  const said = [`preset ${name}`, ...words, renderCommandLine(rest), ...(options["cpu"] === true ? ["on cpu"] : [])];
  const context = { workspaceFolder: root, environment: process.env, leases: userLeases() };
  const cpuSlots = jobsOf(options["jobs"]);
  const { sweep, notes } = await planSweep({ text: said.join(" ") }, { ...context, cpuSlots });
  if (notes.length > 0) {
    throw new UsageError(notes.join(" ").replaceAll("`", ""));
  }
  return sweep;
}

async function plan({ rest, words, options }: CliCall): Promise<SweepPlan> {
  if (rest.length === 0) {
    throw new UsageError("The command stands behind two dashes: trainyard sweep lr=1e-3,1e-4 -- python train.py");
  }
  const cwd = process.cwd();
  const typed = inheritSecrets(planCommand(rest, cwd));
  const script = await readCommandScript(typed.command, cwd);
  const { axes, rest: unread, problems } = readSweepWords(words, script.arguments);
  if (unread !== "") {
    throw new UsageError(`“${unread}” is no list of values. ${adviseOnUnread(unread)}`);
  }
  requireGrid(problems, axes);
  const cpuSlots = jobsOf(options["jobs"]);
  const id = makeSweepId(typed.title);
  const points = gridPoints(axes);
  const unused = await unreadVariables(
    typed.command,
    cwd,
    axes.map(({ name }) => name),
  );
  const device = await chooseKind(typed, options["cpu"] === true);
  const added = sweepWords(script, points, { given: script.given, id });
  return {
    id,
    title: typed.title,
    script: typed.script,
    wait: device.kind === "cuda" ? { gpus: gpusOf(typed.command) } : { cpuSlots },
    runs: points.map(({ values }, at) => ({
      values,
      plan: {
        ...typed,
        device,
        warnings: [...typed.warnings, ...unused],
        environment: { ...typed.environment, ...(options["cpu"] === true ? hideGpus(deviceEnvironment(typed)) : {}) },
        command: [...typed.command, ...(added[at] ?? [])],
        ...describeScript(script, [...script.given, ...(added[at] ?? [])], { cwd, existing: [] }),
      },
    })),
  };
}

function adviseOnUnread(unread: string): string {
  return /=\S*\.\.\S*$/.test(unread)
    ? "A range counts in whole numbers, as `seed=1..5`; write other values one by one: `lr=0.1,0.2,0.5`."
    : "Write what all runs have in common behind the dashes.";
}

/** Warnings of variables that the Makefile does not name: make passes them on and says nothing. */
async function unreadVariables(command: readonly string[], cwd: string, names: readonly string[]): Promise<string[]> {
  const makefiles = ["GNUmakefile", "makefile", "Makefile"].map((name) => readSource(join(cwd, name)));
  const text = isMake(command) ? (await Promise.all(makefiles)).find((each) => each !== undefined) : undefined;
  // What it includes may read the variable, and so may a program that is started.
  if (
    text === undefined ||
    /^-?include\b|\$\(MAKE\)|\$\{MAKE\}/m.test(text) ||
    command.some((word) => /^-[fC]/.test(word))
  ) {
    return [];
  }
  return names
    .filter((name) => !new RegExp(`(?<![\\w])${name.replaceAll(/\W/g, "\\$&")}(?![\\w])`).test(text))
    .map(
      (name) =>
        `The Makefile does not name \`${name}\`: unless the program reads it from its environment, all runs are the same.`,
    );
}

async function chooseKind(typed: LaunchPlan, isCpuWanted: boolean): Promise<LaunchPlan["device"]> {
  if (isCpuWanted) {
    return { kind: "cpu", reason: "CPU was asked for" };
  }
  const environment = deviceEnvironment(typed);
  const facts = { query: await queryGpus({ environment: process.env }), environment };
  const tooFew = whyTooFew(gpusOf(typed.command), facts);
  if (tooFew !== undefined) {
    throw new UserError(`${tooFew} To train on the CPU: --cpu`);
  }
  const problem = whyNoneGrantable(facts);
  return problem === undefined ? FIRST_FREE_GPU : { kind: "cpu", reason: problem };
}

function jobsOf(option: string | boolean | undefined): number {
  const jobs = Number(option ?? 1);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > MAX_JOBS) {
    throw new UsageError(`--jobs takes a whole number from 1 to ${MAX_JOBS}.`);
  }
  return jobs;
}

/** Takes the Ctrl-C of a sweep, also while its runs are being started: those that start later find that they are to end. */
class SweepStop {
  readonly #root: string;
  readonly #id: string;
  readonly #host: CliHost;
  #level: StopLevel | undefined;

  constructor(root: string, id: string, host: CliHost) {
    this.#root = root;
    this.#id = id;
    this.#host = host;
  }

  readonly take = (): void => {
    this.#level = this.#level === undefined ? "graceful" : "now";
    this.#host.print("Asked every run of the sweep to stop. Press Ctrl-C again to end them at once.");
    void this.askAgain();
  };

  /** For the runs that were recorded after a Ctrl-C. */
  async askAgain(): Promise<void> {
    const sweep = this.#level === undefined ? undefined : findSweep((await listRuns(this.#root)).runs, this.#id);
    if (sweep !== undefined && this.#level !== undefined) {
      await stopSweep(sweep, this.#level);
    }
  }
}

/** Says what changes until every run has ended; 1 where not all of them finished. */
async function follow(root: string, id: string, host: CliHost): Promise<number> {
  const readSweep = sweepLooks(root, id);
  using waker = new FileWaker(runsFolder(root), POLL_MS);
  let said = "";
  for (;;) {
    const sweep = await readSweep();
    if (sweep === undefined) {
      return 1;
    }
    const now = describeSweep(sweep);
    if (now !== said && sweep.isLive) {
      host.print(now);
      said = now;
    }
    if (!sweep.isLive) {
      host.print([renderSweepColumns(sweep), ...describeMemberFailures(sweep), describeSweepEnd(sweep)].join("\n"));
      return sweep.runs.every(({ state }) => state === "finished") ? 0 : 1;
    }
    await waker.wait();
  }
}
