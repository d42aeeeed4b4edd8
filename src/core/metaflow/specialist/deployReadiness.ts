import { escapeSentence, fencedBlock, inlineCode } from "../../base/markdown.ts";
import {
  type DeployTargetId,
  deployCommand,
  deployTargetIds,
  deployTargets,
  startCommand,
} from "../deploy/deployTarget.ts";
import type { Flow } from "../graph/linkFlow.ts";
import { metaflowName } from "../graph/stepDecorators.ts";
import type { FlowReport } from "../lint/checkFlow.ts";
import { LEFT_TO_OTHERS } from "../lint/leftToOthers.ts";
import type { ReadinessCheck, ReadinessFacts } from "./readinessCheck.ts";
import { targetChecks } from "./targetChecks.ts";

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
    ...targetChecks(facts),
  ];
  return { checks, isReady: checks.every(({ state }) => state !== "blocked") };
}

function mistakes({ report, flow }: ReadinessFacts): ReadinessCheck[] {
  const errors = report.findings.filter(
    ({ severity, flow: name, code }) =>
      (severity === "error" || LEFT_TO_OTHERS.has(code) || (severity === "warning" && FAILS_LATER.has(code))) &&
      (name === undefined || name === flow.name) &&
      !NEVER_IN_FLOWS.has(code),
  );
  return errors.length === 0
    ? [{ name: "Graph", state: "ok", message: "no mistake that Metaflow would refuse" }]
    : errors.map(({ message, range }) => ({ name: "Graph", state: "blocked", message, line: range.start.line }));
}

/** A run here may pass by what only warns while it is written: another value takes another way, a cluster looks at sizes. */
const FAILS_LATER: ReadonlySet<string> = new Set(["multiple-next", "return-before-next", "decorator-value"]);

function localRun({ localRun: run }: ReadinessFacts): ReadinessCheck {
  if (run?.isOutdated === true) {
    return {
      name: "Ran locally",
      state: "blocked",
      message: `${run.description}, but the file was changed since. Run it once more as it is now.`,
    };
  }
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

function stepList(steps: Flow["steps"]): string {
  const names = steps.slice(0, 6).map(({ name }) => `\`${name}\``);
  return names.join(", ") + (steps.length > 6 ? ` and ${steps.length - 6} more steps` : "");
}

function lineOf(step: Flow["steps"][number] | undefined): { line?: number } {
  return step ? { line: step.source.firstLine } : {};
}

/** Signs of plain text: a server often has no font for coloured ones. */
const MARKS = { ok: "✓", open: "⚠", blocked: "✗" } as const;

/** The answer to "can it be deployed": each check with its line, then the commands, which a person runs. */
export function renderReadiness(facts: ReadinessFacts, { checks, isReady }: Readiness): string {
  const { flow, path, target } = facts;
  const rows = checks.map(({ name, state, message, line }) => {
    const place = line === undefined ? "" : ` ${inlineCode(`${path}:${line + 1}`)}`;
    return `- ${MARKS[state]} **${name}**${place} ${escapeSentence(message)}`;
  });
  const to = target === undefined ? "" : ` to ${deployTargets[target].label}`;
  return [
    `**Deployment of ${inlineCode(flow.name)}${to}**`,
    rows.join("\n"),
    describeReadiness({ checks, isReady }),
    renderCommands(facts, { checks, isReady }),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** One sentence: whether it can be deployed. */
function describeReadiness({ checks, isReady }: Readiness): string {
  const open = checks.filter(({ state }) => state === "open").length;
  return isReady
    ? open === 0
      ? "Ready."
      : `Ready, with ${open} ${open === 1 ? "point" : "points"} for you to decide.`
    : "**Not ready.** The commands that deploy are shown once nothing is blocked.";
}

/** Nothing of this was run. A flow that is not ready gets the commands that make it so, where there are any. */
function renderCommands(facts: ReadinessFacts, { checks, isReady }: Readiness): string {
  const file = /\s/.test(facts.path) ? `"${facts.path}"` : facts.path;
  const call = (args: readonly string[]) => ["python", file, ...args].join(" ");
  const targets = facts.target === undefined ? deployTargetIds : [facts.target];
  const isBlocked = (name: string) => checks.some((check) => check.name === name && check.state === "blocked");
  const commands = isReady
    ? targets.flatMap((id) => targetCommands(facts, id, call))
    : [...(isBlocked("Graph") ? [call(["check"])] : []), ...(isBlocked("Ran locally") ? [call(["run"])] : [])];
  return commands.length === 0
    ? ""
    : `Nothing was started. ${isReady ? "The commands" : "First"}:\n\n${fencedBlock(commands.join("\n"), "sh")}`;
}

function targetCommands(
  { flow, place }: ReadinessFacts,
  id: DeployTargetId,
  call: (args: readonly string[]) => string,
): string[] {
  const start = startCommand(flow, id, place);
  return [
    `# ${deployTargets[id].label}: ${deployTargets[id].description}`,
    call(deployCommand(flow, id, place)),
    ...(start ? [call(start)] : []),
  ];
}
