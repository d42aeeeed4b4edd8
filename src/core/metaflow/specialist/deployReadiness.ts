import { escapeSentence, fencedBlock, inlineCode } from "../../base/markdown.ts";
import type { Flow } from "../graph/linkFlow.ts";
import { metaflowName } from "../graph/stepDecorators.ts";
import type { FlowReport } from "../lint/checkFlow.ts";

/** A run of a flow on this machine that came to its end. */
export type LocalRun = { description: string };

export type ReadinessFacts = {
  report: FlowReport;
  flow: Flow;
  /** As people read it, relative to the workspace folder. */
  path: string;
  localRun?: LocalRun;
};

/** `blocked`: nothing is deployed before this is solved. `open`: a person decides. */
export type ReadinessCheck = { name: string; state: "ok" | "open" | "blocked"; message: string; line?: number };

export type Readiness = { checks: readonly ReadinessCheck[]; isReady: boolean };

/** What keeps a flow from being deployed, as far as its text and its local runs tell. */
export function checkReadiness(facts: ReadinessFacts): Readiness {
  const checks = [
    ...mistakes(facts),
    localRun(facts),
    ...secretsAndPaths(facts),
    resources(facts),
    dependencies(facts),
    failures(facts),
    trigger(facts),
  ];
  return { checks, isReady: checks.every(({ state }) => state !== "blocked") };
}

function mistakes({ report, flow }: ReadinessFacts): ReadinessCheck[] {
  const errors = report.findings.filter(
    ({ severity, flow: name, code }) =>
      severity === "error" && (name === undefined || name === flow.name) && !NEVER_IN_FLOWS.has(code),
  );
  return errors.length === 0
    ? [{ name: "Graph", state: "ok", message: "no mistake that Metaflow would refuse" }]
    : errors.map(({ message, range }) => ({ name: "Graph", state: "blocked", message, line: range.start.line }));
}

function localRun({ localRun: run }: ReadinessFacts): ReadinessCheck {
  return run
    ? { name: "Ran locally", state: "ok", message: run.description }
    : {
        name: "Ran locally",
        state: "blocked",
        message:
          "No run of this flow came to its end on this machine. Run it here first: what fails here fails there, later and at a price.",
      };
}

/** Findings that may never reach a deployed flow, whatever their severity while it is written. */
const NEVER_IN_FLOWS: ReadonlySet<string> = new Set(["secret-in-code", "absolute-path"]);

function forbiddenInFlow({ findings }: Pick<FlowReport, "findings">) {
  return findings.filter(({ code }) => NEVER_IN_FLOWS.has(code));
}

function secretsAndPaths({ report }: ReadinessFacts): ReadinessCheck[] {
  const found = forbiddenInFlow(report);
  return found.length === 0
    ? [
        {
          name: "Secrets and paths",
          state: "ok",
          message: "no secret and no path of one machine was found in the code",
        },
      ]
    : found.map(({ message, range }) => ({
        name: "Secrets and paths",
        state: "blocked",
        message,
        line: range.start.line,
      }));
}

const COMPUTE = new Set(["resources", "kubernetes", "batch"]);

function resources({ flow }: ReadinessFacts): ReadinessCheck {
  const without = flow.steps.filter(
    ({ decorators }) => !decorators.some((each) => COMPUTE.has(metaflowName(each) ?? "")),
  );
  const inner = without.filter(({ name, isStart, isEnd }) => !isStart && !isEnd && name !== "start" && name !== "end");
  return inner.length === 0
    ? { name: "Resources", state: "ok", message: "every step between start and end says what it needs" }
    : {
        name: "Resources",
        state: "open",
        message: `${stepList(inner)} ${inner.length === 1 ? "asks" : "ask"} for nothing and ${inner.length === 1 ? "gets" : "get"} the default (1 CPU, 4 GB, no GPU). Add \`@resources(cpu=…, memory=…)\` with what the local run needed.`,
        ...lineOf(inner[0]),
      };
}

const ENVIRONMENTS = /^(?:conda|pypi|uv|conda_base|pypi_base)$/;

function dependencies({ flow }: ReadinessFacts): ReadinessCheck {
  const named = [...flow.decorators, ...flow.steps.flatMap(({ decorators }) => decorators)].find(
    (each) =>
      ENVIRONMENTS.test(metaflowName(each) ?? "") ||
      (COMPUTE.has(metaflowName(each) ?? "") && each.source.keywords.has("image")),
  );
  return named
    ? { name: "Dependencies", state: "ok", message: `given by \`@${metaflowName(named)}\``, line: named.source.line }
    : {
        name: "Dependencies",
        state: "open",
        message:
          "Neither `@pypi`, `@conda` nor an image names the packages, so a remote step has only what its default image holds. Add `@pypi(packages={…})`, or `image=…`.",
        line: flow.source.line,
      };
}

function failures({ flow }: ReadinessFacts): ReadinessCheck {
  const guarded = flow.steps.filter(({ decorators }) =>
    decorators.some((each) => /^(?:retry|catch|timeout)$/.test(metaflowName(each) ?? "")),
  );
  return guarded.length > 0
    ? {
        name: "Failures",
        state: "ok",
        message: `${stepList(guarded)} ${guarded.length === 1 ? "has" : "have"} \`@retry\`, \`@catch\` or \`@timeout\``,
      }
    : {
        name: "Failures",
        state: "open",
        message:
          "No step has `@retry` or `@timeout`: a lost machine fails the run, and a step that hangs is paid for until somebody looks.",
        line: flow.source.line,
      };
}

function trigger({ flow }: ReadinessFacts): ReadinessCheck {
  const named = flow.decorators.find((each) =>
    /^(?:schedule|trigger|trigger_on_finish)$/.test(metaflowName(each) ?? ""),
  );
  return named
    ? { name: "Start", state: "ok", message: `\`@${metaflowName(named)}\` starts it`, line: named.source.line }
    : {
        name: "Start",
        state: "open",
        message:
          "Nothing starts it by itself: it runs when somebody triggers it. `@schedule(daily=True)` or `@trigger` would.",
        line: flow.source.line,
      };
}

function stepList(steps: Flow["steps"]): string {
  const names = steps.slice(0, 6).map(({ name }) => `\`${name}\``);
  return names.join(", ") + (steps.length > 6 ? ` and ${steps.length - 6} more steps` : "");
}

function lineOf(step: Flow["steps"][number] | undefined): { line?: number } {
  return step ? { line: step.source.firstLine } : {};
}

const MARKS = { ok: "✅", open: "⚠️", blocked: "🚫" } as const;

/** The answer to "can it be deployed": each check with its line, then the commands, which a person runs. */
export function renderReadiness({ flow, path }: ReadinessFacts, { checks, isReady }: Readiness): string {
  const rows = checks.map(({ name, state, message, line }) => {
    const place = line === undefined ? "" : ` ${inlineCode(`${path}:${line + 1}`)}`;
    return `- ${MARKS[state]} **${name}**${place} ${escapeSentence(message)}`;
  });
  const open = checks.filter(({ state }) => state === "open").length;
  const verdict = isReady
    ? open === 0
      ? "Ready."
      : `Ready, with ${open} ${open === 1 ? "point" : "points"} for you to decide.`
    : "**Not ready.** The commands that deploy are shown once nothing is blocked.";
  return [`**Deployment of ${inlineCode(flow.name)}**`, rows.join("\n"), verdict, renderCommands(path, isReady)].join(
    "\n\n",
  );
}

/** Trainyard runs none of these. A flow that is not ready gets those that make it so. */
function renderCommands(path: string, isReady: boolean): string {
  const file = /\s/.test(path) ? `"${path}"` : path;
  const commands = isReady
    ? [
        "# once, in the cluster, from here",
        `python ${file} run --with kubernetes`,
        "# then one of these, for what your team runs",
        `python ${file} argo-workflows create`,
        `python ${file} step-functions create`,
        `python ${file} airflow create ${file.replace(/\.py("?)$/, "_dag.py$1")}`,
        "# start it and look",
        `python ${file} argo-workflows trigger`,
      ]
    : [`python ${file} check`, `python ${file} run`];
  return `Run yourself, nothing was started:\n\n${fencedBlock(commands.join("\n"), "sh")}`;
}
