// Loads the window some rounds and reads what VS Code's own "Startup Performance" says about Trainyard.
import type { Page } from "playwright-core";
import { Editor } from "../test/e2e/support/editor.ts";
import { waitFor } from "../test/support/poll.ts";

/** In milliseconds; loading waits for whatever else the extension host does at that moment. */
type Activation = { load: number; call: number; finish: number };

const ROW = /trainyard\.trainyard\s*\|[^|]*\|\s*(\d+)\s*\|\s*(\d+)\s*\|\s*(\d+)\s*\|/;

const rounds = Number(process.argv[2] ?? "5");
const editor = await Editor.open("bench");
const activations: Activation[] = [];
try {
  for (let round = 0; round < rounds; round += 1) {
    if (round > 0) {
      await editor.reload();
    }
    activations.push(await readActivation(editor.page));
  }
} finally {
  await editor.close();
}
print("activate", ({ call, finish }) => call + finish);
print("loading the entry", ({ load }) => load);

async function readActivation(page: Page): Promise<Activation> {
  // An editor draws only the lines that are in view.
  await page.setViewportSize({ width: 1600, height: 6000 });
  return waitFor("Trainyard in the startup performance", async () => {
    await editor.door.execute("perfview.show");
    const lines = await page.locator(".editor-instance .view-line").allTextContents();
    const row = lines.map((line) => ROW.exec(line.replaceAll("\u00a0", " "))).find((match) => match !== null);
    return row && { load: Number(row[1]), call: Number(row[2]), finish: Number(row[3]) };
  });
}

function print(what: string, measure: (activation: Activation) => number): void {
  const times = activations.map(measure);
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
  process.stdout.write(`${what}: median ${median} ms of ${rounds} window loads (${times.join(", ")})\n`);
}
