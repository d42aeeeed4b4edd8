import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { UserError } from "../../core/base/errors.ts";
import { plainText } from "../../core/base/markdown.ts";
import type { CurvesFrame } from "../../core/dashboard/curveMessages.ts";
import { describeLoggedRuns } from "../../core/dashboard/describeCurves.ts";
import { plotCurve } from "../../core/dashboard/plotCurve.ts";
import { type CliCall, type CliVerb, onlyWord } from "../base/cliVerb.ts";
import { MetricsEngine } from "./metricsEngine.ts";

const FOLLOW_EVERY_MS = 1_000;
/** Every point: what is printed for programs is not thinned out. */
const ALL = { axis: "step", smoothing: 0, maxPoints: Number.MAX_SAFE_INTEGER } as const;

export const metricsVerb: CliVerb = {
  usage: "<folder> [--json | --csv | --plot] [-f]",
  summary: "say what the logs in a folder hold: first, last and best values, or every point",
  options: {
    json: { type: "boolean" },
    csv: { type: "boolean" },
    plot: { type: "boolean" },
    follow: { type: "boolean", short: "f" },
  },
  async run(call) {
    const root = resolve(call.root, onlyWord(call, "A folder of logs"));
    if (!(await stat(root).catch(() => undefined))?.isDirectory()) {
      throw new UserError(`There is no folder ${root}. Name the folder that the training writes its logs into.`);
    }
    const engine = new MetricsEngine();
    let frame = await engine.answer({ roots: [root], runs: [], view: ALL });
    print(frame, call);
    while (call.options["follow"] === true) {
      await setTimeout(FOLLOW_EVERY_MS);
      const { version } = frame;
      frame = await engine.answer({ roots: [root], runs: [], view: ALL, knownVersion: version });
      if (frame.version !== version) {
        print(frame, call);
      }
    }
    return frame.runs.length > 0 ? 0 : 1;
  },
};

function print(frame: CurvesFrame, { options, host }: CliCall): void {
  if (options["json"] === true) {
    host.print(JSON.stringify(frame.runs, keepNonFinite, 2));
  } else if (options["csv"] === true) {
    host.print(renderCsv(frame));
  } else {
    host.print(plainText(describeLoggedRuns(frame.runs, frame.searched)));
    if (options["plot"] === true) {
      const width = Math.max(40, (process.stdout.columns ?? 80) - 12);
      const names = new Map(frame.runs.map(({ key, name }) => [key, name]));
      for (const { run, tag, points } of frame.curves) {
        host.print(`\n${names.get(run)} ${tag}\n${plotCurve(points, { width, height: 10 })}`);
      }
    }
  }
}

function renderCsv({ runs, curves }: CurvesFrame): string {
  const names = new Map(runs.map(({ key, name }) => [key, name]));
  const rows = curves.flatMap(({ run, tag, points }) => {
    const label = `${quote(names.get(run) ?? run)},${quote(tag)}`;
    return Array.from(points.x, (x, index) => `${label},${x},${points.values[index]}`);
  });
  return ["run,tag,step,value", ...rows].join("\n");
}

function quote(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** NaN and infinities have no JSON; as texts they survive. */
function keepNonFinite(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
