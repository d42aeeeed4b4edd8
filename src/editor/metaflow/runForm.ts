import * as vscode from "vscode";
import type { FlowOutline } from "../../core/metaflow/flowOutline.ts";
import type { FlowParameter } from "../../core/metaflow/flowParameters.ts";
import { fitWorkers } from "../../core/metaflow/gpuFit.ts";
import type { Gpu } from "../../core/training/gpuReport.ts";
import type { PlanRequest } from "../../core/training/launchPlan.ts";
import { askParameter } from "./askParameter.ts";

type Row = vscode.QuickPickItem & { change?: "workers" | "gpus" | FlowParameter };

/** What a person has chosen so far. */
type Choices = {
  given: Map<string, string>;
  /** As typed; absent: what fits the GPUs, else Metaflow's default. */
  workers?: string;
  /** Indices; absent: the plan takes one. */
  gpus?: readonly number[];
};

const DEFAULT_WORKERS = 16;

/**
 * Lets a person look at the parameters of a flow and change them one by one, each checked while it is typed, and how many
 * tasks and GPUs the run takes. Gives what differs from the defaults; undefined when the person leaves.
 */
export async function askRun(
  flow: FlowOutline,
  gpus: readonly Gpu[],
): Promise<Pick<PlanRequest, "arguments" | "device"> | undefined> {
  const choices: Choices = { given: new Map() };
  for (;;) {
    const missing = flow.parameters.find((each) => each.isRequired && !choices.given.has(each.name));
    const row = await vscode.window.showQuickPick(formRows({ flow, gpus, choices, missing }), {
      title: `Run ${flow.name}`,
      placeHolder: "Choose a parameter to change it",
      matchOnDetail: true,
      ignoreFocusOut: true,
    });
    if (!row) {
      return undefined;
    }
    const change = row.change ?? missing;
    if (!change) {
      return requestOf(flow, gpus, choices);
    }
    await applyChange(change, choices, gpus);
  }
}

function requestOf(
  flow: FlowOutline,
  gpus: readonly Gpu[],
  choices: Choices,
): Pick<PlanRequest, "arguments" | "device"> {
  const workers = choices.workers ?? fitOf(flow, gpus, choices)?.maxWorkers;
  const given = [...choices.given].flatMap(([name, value]) => [`--${name}`, value]);
  return {
    arguments: [...given, ...(workers === undefined ? [] : ["--max-workers", String(workers)])],
    ...(choices.gpus === undefined ? {} : { device: choices.gpus.length === 0 ? "cpu" : choices.gpus }),
  };
}

/** Where nobody chose, the plan gives the run one GPU. */
function fitOf({ gpuNeeds }: FlowOutline, gpus: readonly Gpu[], { gpus: chosen }: Choices) {
  return fitWorkers(gpuNeeds, chosen?.length ?? Math.min(1, gpus.length));
}

type Form = { flow: FlowOutline; gpus: readonly Gpu[]; choices: Choices; missing: FlowParameter | undefined };

function formRows({ flow, gpus, choices, missing }: Form): Row[] {
  const words = requestOf(flow, gpus, choices).arguments?.join(" ") ?? "";
  const go: Row = missing
    ? { label: "$(warning) Continue", description: `${missing.name} has no value yet` }
    : { label: "$(play) Continue", description: words === "" ? "with the defaults" : words };
  return [
    go,
    ...separated(
      "Parameters",
      flow.parameters.map((parameter) => parameterRow(parameter, choices)),
    ),
    ...separated("Run", [workersRow(flow, gpus, choices), ...(gpus.length > 1 ? [gpusRow(choices)] : [])]),
  ];
}

function separated(label: string, rows: readonly Row[]): Row[] {
  return rows.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...rows];
}

function parameterRow(parameter: FlowParameter, { given }: Choices): Row {
  const { name, type, help } = parameter;
  const value = given.get(name);
  const shown = value ?? parameter.default ?? parameter.computedDefault ?? (parameter.isRequired ? "no value" : "none");
  return {
    label: `${value === undefined ? "" : "$(edit) "}${name}`,
    description: `${shown === "" ? '""' : shown} · ${type}${value === undefined ? "" : ", changed"}`,
    ...(help === undefined ? {} : { detail: help }),
    change: parameter,
  };
}

function workersRow(flow: FlowOutline, gpus: readonly Gpu[], choices: Choices): Row {
  const fit = fitOf(flow, gpus, choices);
  const why = fit === undefined ? "Metaflow's default" : `fits: ${fit.reason}`;
  return {
    label: `${choices.workers === undefined ? "" : "$(edit) "}max-workers`,
    description:
      choices.workers === undefined ? `${fit?.maxWorkers ?? DEFAULT_WORKERS} · ${why}` : `${choices.workers} · changed`,
    detail: "How many tasks of a foreach or a branch run at the same time",
    change: "workers",
  };
}

function gpusRow({ gpus }: Choices): Row {
  return {
    label: `${gpus === undefined ? "" : "$(edit) "}GPUs`,
    description:
      gpus === undefined ? "the plan takes one" : gpus.length === 0 ? "none" : `${gpus.join(", ")} · changed`,
    detail: "With several, each task of a step with @resources(gpu=…) gets its own; the other tasks see all of them",
    change: "gpus",
  };
}

async function applyChange(change: NonNullable<Row["change"]>, choices: Choices, gpus: readonly Gpu[]): Promise<void> {
  if (change === "workers") {
    await changeWorkers(choices);
  } else if (change === "gpus") {
    const chosen = await askGpus(gpus, choices.gpus ?? []);
    choices.gpus = chosen ?? choices.gpus;
  } else {
    const value = await askParameter(change, choices.given.get(change.name));
    if (value === "" || value === change.default) {
      choices.given.delete(change.name);
    } else if (value !== undefined) {
      choices.given.set(change.name, value);
    }
  }
}

async function changeWorkers(choices: Choices): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: "max-workers",
    prompt: "How many tasks run at the same time. Empty: what fits.",
    value: choices.workers ?? "",
    ignoreFocusOut: true,
    validateInput: (value) =>
      value.trim() === "" || /^[1-9]\d{0,3}$/.test(value.trim()) ? undefined : "max-workers is a whole number from 1.",
  });
  if (text?.trim() === "") {
    delete choices.workers;
  } else if (text !== undefined) {
    choices.workers = text.trim();
  }
}

async function askGpus(gpus: readonly Gpu[], chosen: readonly number[]): Promise<number[] | undefined> {
  const rows = gpus.map(({ index, name, freeMiB }) => ({
    label: `GPU ${index}`,
    description: freeMiB === undefined ? name : `${name}, ${Math.round(freeMiB / 1024)} GiB free`,
    picked: chosen.includes(index),
    index,
  }));
  const picked = await vscode.window.showQuickPick(rows, {
    title: "Which GPUs may the run see?",
    placeHolder: "None: it runs on the CPU",
    canPickMany: true,
    ignoreFocusOut: true,
  });
  return picked?.map(({ index }) => index);
}
