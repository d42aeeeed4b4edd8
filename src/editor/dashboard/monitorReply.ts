import { escapeMarkdown, inlineCode } from "../../core/base/markdown.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import { curveImage } from "../../core/dashboard/curvePicture.ts";
import { describeMetrics } from "../../core/dashboard/describeMetrics.ts";
import { describeRunInList } from "../../core/training/describeRun.ts";
import type { CurvesPanels } from "./curvesPanel.ts";

/** How the curves of a run go, in numbers, and the panel one button away. */
export function monitorSlashCommand(panels: CurvesPanels): SlashCommand {
  return {
    participant: "ml-trainer",
    name: "monitor",
    description: "say how the curves of a run go, and show them",
    async answer({ prompt }) {
      const run = await panels.findRun(prompt);
      if (run === undefined) {
        return {
          markdown: "There are no runs in this workspace yet. Start one with /train.",
          offersHandoffs: false,
        };
      }
      const { summaries, source, deciding } = await panels.readSummaries(run);
      const heading = `**${escapeMarkdown(run.record.plan.title)}** ${inlineCode(run.record.id)} · ${escapeMarkdown(describeRunInList(run))}`;
      const body = summaries.length === 0 ? `There are ${escapeMarkdown(source)}.` : describeMetrics(summaries);
      // One value is no line.
      const picture = deciding !== undefined && deciding.summary.count > 1 ? [curveImage(deciding)] : [];
      const from = summaries.length === 0 ? [] : [`Read from ${escapeMarkdown(source)}.`];
      return {
        markdown: [heading, ...picture, body, ...from].join("\n\n"),
        buttons: [{ title: "Show Curves", command: "trainyard.showCurves", arguments: [run.record.id] }],
      };
    },
  };
}
