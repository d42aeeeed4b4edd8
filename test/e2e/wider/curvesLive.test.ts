import { waitFor } from "../../support/poll.ts";
import { curvesFrame } from "../support/curves.ts";
import { journey } from "../support/journey.ts";
import { runCommand } from "../support/quickInput.ts";
import { startTraining } from "../support/runs.ts";

journey(import.meta.url, "the curves of the sample training are drawn while it runs", {}, async (editor, shot) => {
  const { page } = editor;
  await startTraining(editor, "train.py", "--epochs 1");
  await runCommand(page, "Trainyard: Show Curves");
  const frame = await curvesFrame(page);
  const loss = frame.getByRole("img", { name: /step_loss of train: from/ });
  await loss.waitFor({ timeout: 180_000 });
  const first = await loss.getAttribute("aria-label");
  await waitFor("the curve to grow", async () => (await loss.getAttribute("aria-label")) !== first, 120_000);
  await shot("live");
});
