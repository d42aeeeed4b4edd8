import * as vscode from "vscode";
import type { WatchdogLimits } from "../../core/training/watchdog/alarm.ts";

/** What the settings say about alarms; a value that they must not have is left to its default. */
export async function readWatchdogSettings(folder: vscode.WorkspaceFolder): Promise<Partial<WatchdogLimits>> {
  const { watchdogLimitsSchema } = await import("../../core/training/watchdog/alarm.ts");
  const settings = vscode.workspace.getConfiguration("trainyard.watchdog", folder.uri);
  const { shape } = watchdogLimitsSchema;
  return {
    isEnabled: settings.get("enabled") !== false,
    ...valid("stallFactor", shape.stallFactor.safeParse(settings.get("stallFactor"))),
    ...valid("stallSeconds", shape.stallSeconds.safeParse(settings.get("stallSeconds"))),
    ...valid("spikeFactor", shape.spikeFactor.safeParse(settings.get("spikeFactor"))),
    ...valid("plateauEpochs", shape.plateauEpochs.safeParse(settings.get("plateauEpochs"))),
    ...valid("overfittingEpochs", shape.overfittingEpochs.safeParse(settings.get("overfittingEpochs"))),
    ...valid("diskFreeMiB", shape.diskFreeMiB.safeParse(settings.get("diskFreeMiB"))),
  };
}

function valid(name: keyof WatchdogLimits, parsed: { data?: number | undefined }): Partial<WatchdogLimits> {
  return parsed.data === undefined ? {} : { [name]: parsed.data };
}
