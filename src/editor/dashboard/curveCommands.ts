import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import type { Curves } from "./curves.ts";

/** `@ml-trainer /monitor`: how the metrics go, in numbers, and the curves one click away. */
export function monitorSlashCommand(open: () => Promise<Curves>): SlashCommand {
  return {
    participant: "ml-trainer",
    name: "monitor",
    description: "say how the metrics of the runs go, and show their curves",
    async answer({ prompt }) {
      const { describeLoggedRuns } = await import("../../core/dashboard/describeCurves.ts");
      const { runs, searched } = await (await open()).readSummaries();
      const wanted = prompt.trim();
      const named = runs.filter(
        ({ name, source }) => wanted !== "" && (name.includes(wanted) || source?.id === wanted),
      );
      // Without a name the newest run is meant; the panel compares them all.
      const shown = named.length > 0 ? named : runs.slice(0, 1);
      return {
        markdown: describeLoggedRuns(shown, searched),
        buttons:
          runs.length > 0
            ? [{ title: "Show Curves", command: "trainyard.showCurves" }]
            : [{ title: "Train…", command: "trainyard.train" }],
      };
    },
  };
}
