// What the page says where there are no charts.
import { make } from "./curveTheme.js";
import { matchingRuns } from "./runRows.js";

/** More buttons are not chosen from at a glance. */
const MAX_OFFERED = 8;

/** Why there is nothing to see, and what to do about it. */
export function sayNothing(shown, { runs, knownRuns, folder, found = [], page }) {
  if (folder !== undefined && runs.length === 0) {
    return [`There are no values in ${folder.name} yet; they are shown when they come.`, ...folder.nothing].map(
      paragraph,
    );
  }
  if (runs.length === 0) {
    const sources =
      "Curves come from the runs of this workspace (.trainyard/runs): from the logs that a training writes for TensorBoard, MLflow, W&B or Trackio, as CSV or as JSON lines, and from what it prints.";
    const offers = offerFolders(found, page);
    return knownRuns === 0
      ? [
          paragraph("Trainyard has started no runs here yet."),
          ...offers,
          paragraph(`${sources} Start one with Trainyard: Train….`),
        ]
      : [paragraph("No run is chosen. Press “Choose Runs…”."), ...offers, paragraph(sources)];
  }
  if (shown.length === 0) {
    const { runFilter } = page.view;
    const text =
      matchingRuns(runs, runFilter).length === 0
        ? `No run matches “${runFilter}”. Change the filter above the table of runs.`
        : "All runs are hidden. Tick one in the table of runs.";
    return [paragraph(text)];
  }
  if (shown.some(({ series }) => series.length > 0)) {
    return [paragraph(`No metric matches “${page.view.filter}”.`)];
  }
  return shown
    .flatMap((run) => [
      paragraph(`${run.label} (${run.state}): ${run.source}.`),
      ...(run.hasOutput ? [outputButton(run, page)] : []),
    ])
    .concat(
      paragraph(
        "Values are found in TensorBoard event files, metrics.csv, metrics.jsonl and the like, trainer_state.json, MLflow's mlruns and mlflow.db, W&B's offline files, Trackio's *.db, and in lines like “epoch 1 loss 0.42”.",
      ),
    );
}

/** A button for each folder of logs that was found. */
function offerFolders(found, page) {
  if (found.length === 0) {
    return [];
  }
  const buttons = found.slice(0, MAX_OFFERED).map(({ path, name, places }) => {
    const count = places === 1 ? "" : ` (${places} runs or stores)`;
    const button = make("button", { type: "button", text: `Show Curves of ${name}${count}` });
    button.addEventListener("click", () => page.send({ kind: "show-folder", path }));
    return make("p", { className: "empty" }, button);
  });
  const more = found.length - buttons.length;
  return [
    paragraph("These logs were found in the workspace, whoever wrote them:"),
    ...buttons,
    ...(more > 0 ? [paragraph(`“Folder…” above lists ${more} more.`)] : []),
  ];
}

function outputButton(run, page) {
  const button = make("button", { className: "quiet", type: "button", text: `Show Output of ${run.label}` });
  button.addEventListener("click", () => page.send({ kind: "show-output", runId: run.id }));
  return button;
}

function paragraph(text) {
  return make("p", { className: "empty", text });
}
