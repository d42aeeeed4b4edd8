import * as vscode from "vscode";
import { escapeMarkdown } from "../../core/base/markdown.ts";
import type { Run } from "../../core/training/runRecord.ts";
import { hasEnded } from "../../core/training/runState.ts";
import type { RunMonitor } from "./runMonitor.ts";

/** The one status-bar item: what the newest live run is doing, and how many others run beside it. */
export function registerRunStatusBar(monitor: RunMonitor, onError: (error: unknown) => void): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("trainyard.run", vscode.StatusBarAlignment.Left, 10);
  item.name = "Trainyard Run";
  let isLoaded = false;
  const draw = async (): Promise<void> => {
    const { describeRunBriefly } = await import("../../core/training/describeRun.ts");
    const { formatLocalTime } = await import("../../core/base/localTime.ts");
    const startOf = ({ record }: Run) => formatLocalTime(record.createdAt, new Date());
    isLoaded = true;
    // What is known now and not what was known before the loading: a run may have ended meanwhile.
    show(item, liveRunsOf(monitor), { describe: describeRunBriefly, startOf });
  };
  const listening = monitor.onDidChange(() => {
    if (isLoaded || liveRunsOf(monitor).length > 0) {
      draw().catch(onError);
    }
  });
  return vscode.Disposable.from(item, listening);
}

function liveRunsOf(monitor: RunMonitor): readonly Run[] {
  return monitor.known.runs.filter(({ state }) => !hasEnded(state));
}

function hasAlarm({ status: { alarms } }: Run): boolean {
  return alarms?.some(({ endedAt }) => endedAt === undefined) === true;
}

type Words = { describe: (run: Run) => string; startOf: (run: Run) => string };

function show(item: vscode.StatusBarItem, live: readonly Run[], words: Words): void {
  const { describe } = words;
  const newest = live.find(({ state }) => state !== "waiting") ?? live[0];
  if (!newest) {
    item.hide();
    return;
  }
  const others = live.length > 1 ? ` (+${live.length - 1})` : "";
  // Of several runs the one that needs a look is the news.
  const alarmed = live.find(hasAlarm);
  const shown = alarmed ?? newest;
  const icon = alarmed ? "$(warning)" : shown.state === "waiting" ? "$(clock)" : "$(sync~spin)";
  item.text = `${icon} ${describe(shown)}${others}`;
  item.backgroundColor = alarmed ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
  item.tooltip = tooltipOf(live, words);
  // The run that the item speaks of, and no question which one where several are going on.
  item.command = { command: "trainyard.showCurves", title: "Show Curves", arguments: [shown.record.id] };
  item.accessibilityInformation = { label: `Training ${describe(shown)}`, role: "button" };
  item.show();
}

const LINKS = [
  ["Curves", "trainyard.showCurves"],
  ["Output", "trainyard.showRunOutput"],
  ["Stop", "trainyard.stopRun"],
] as const;

/** A line for each run, with what can be done about it. Runs of one script are told apart by their starts. */
function tooltipOf(live: readonly Run[], { describe, startOf }: Words): vscode.MarkdownString {
  const lines = live.map((run) => {
    const argument = encodeURIComponent(JSON.stringify([run.record.id]));
    const links = LINKS.map(([title, command]) => `[${title}](command:${command}?${argument})`);
    return `${escapeMarkdown(`${describe(run)} · started ${startOf(run)}`)}  \n${links.join(" · ")}`;
  });
  const tooltip = new vscode.MarkdownString(lines.join("\n\n"));
  tooltip.isTrusted = { enabledCommands: LINKS.map(([, command]) => command) };
  return tooltip;
}
