import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { journey } from "../support/journey.ts";
import { pick, runCommand } from "../support/quickInput.ts";
import { clickNotificationButton, openActivity, pageInFront } from "../support/workbench.ts";

/** What a training, an interrupted one and an attacker leave behind. */
const WRITER = `
import json, os, sys, torch, zipfile

folder = sys.argv[1]
os.makedirs(folder)

def state(epoch, width):
    layers = {}
    for i in range(1000):
        layers[f"encoder.layers.{i}.attention.weight"] = torch.zeros(width, 4)
        layers[f"encoder.layers.{i}.attention.bias"] = torch.zeros(width)
        layers[f"encoder.layers.{i}.norm.weight"] = torch.zeros(4, dtype=torch.bfloat16)
    layers["head.weight"] = torch.zeros(10, width)
    return {"epoch": epoch, "step": epoch * 100, "val_acc": 0.5 + epoch / 10, "model_state_dict": layers,
            "config": {"lr": 0.1 / epoch, "width": width}}

torch.save(state(1, 8), os.path.join(folder, "epoch_1.pt"))
torch.save(state(2, 16), os.path.join(folder, "epoch_2.pt"))
torn = os.path.join(folder, "torn.pt")
torch.save(state(3, 8), torn)
os.truncate(torn, os.path.getsize(torn) // 2)
os.utime(torn, (1_700_000_000, 1_700_000_000))

class Evil:
    def __reduce__(self):
        return os.system, ("touch " + os.path.join(folder, "was-run"),)

layer = {"module": "keras.layers", "class_name": "Lambda", "registered_name": None,
         "config": {"name": "twice", "function": {"class_name": "__lambda__", "config": {"code": "4wEA"}}}}
with zipfile.ZipFile(os.path.join(folder, "lambda.keras"), "w") as model:
    model.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
    model.writestr("config.json", json.dumps({"class_name": "Sequential", "module": "keras", "config": {"layers": [layer]}}))
    model.writestr("model.weights.h5", b"")

torch.save({"epoch": 4, "weights": torch.zeros(2, 2), "extra": Evil()}, os.path.join(folder, "evil.pt"))
`;

journey(
  import.meta.url,
  "a checkpoint opens as facts and tensors, a torn or dangerous one says so, and two are compared",
  {},
  async (editor, shot) => {
    const { page, workspace } = editor;
    const folder = join(workspace, "saved");
    execFileSync(join(workspace, ".venv", "bin", "python"), ["-c", WRITER, folder]);
    const open = (name: string) => editor.door.execute("vscode.open", { $path: join(folder, name) });

    await open("epoch_2.pt");
    const shown = pageInFront(page);
    await shown.getByText("3,001 tensors", { exact: true }).waitFor();
    assert.match(await shown.locator("#state").innerText(), /^whole: all 3001 storages are complete/);
    assert.ok((await shown.locator(".row").count()) < 120);
    await shot("facts-and-tensors");

    await shown.locator("#search").fill("layers.999. bfloat16");
    await shown.getByText("1 of 3,001 tensors").waitFor();
    await shown.locator("#search").fill("");
    await shown.getByText("3,001 tensors", { exact: true }).waitFor();
    await shown.getByRole("button", { name: "Size" }).click();
    await shown.getByRole("button", { name: "Size ↑" }).click();
    await shown.locator("#row0", { hasText: "head.weight" }).waitFor();
    await shown.locator("#grid").focus();
    await page.keyboard.press("End");
    await shown.locator("#row3000.active").waitFor();
    await shot("sorted-and-at-the-end");
    await shown.getByLabel("Tree by module").check();
    await shown.locator(".row.module").first().waitFor();
    await shown.locator("#grid").focus();
    await page.keyboard.press("Home");
    await shown.locator(".row.module.active", { hasText: "model_state_dict" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await shot("tree");
    await shown.getByRole("button", { name: "Copy Name" }).click();
    await shown.getByText("Copied model_state_dict.head.weight", { exact: true }).waitFor();
    await shown.locator("#grid").focus();
    await page.keyboard.press("Home");
    const module = (expanded: boolean) => shown.locator(`.row.active[aria-level='1'][aria-expanded=${expanded}]`);
    await page.keyboard.press("ArrowLeft");
    await module(false).waitFor();
    await page.keyboard.press("ArrowRight");
    await module(true).waitFor();
    await page.keyboard.press("ArrowRight");
    await shown.locator(".row.module.active[aria-level='2']", { hasText: "head" }).waitFor();
    await shown.getByRole("button", { name: "Compare with…" }).click();
    await page.getByText("Compare epoch_2.pt with …").waitFor();
    await page.keyboard.press("Escape");

    await open("torn.pt");
    await shown.getByText(/^torn: the directory at its end is missing/).waitFor();
    await shot("torn");
    await open("evil.pt");
    const warning = shown.locator("#warning");
    await warning.getByText(/would run code when loaded: os\.system/).waitFor();
    await shot("would-run-code");
    assert.equal(existsSync(join(folder, "was-run")), false);
    await open("lambda.keras");
    await warning.getByText(/would run code when loaded: the Lambda layer twice/).waitFor();
    await shot("lambda-layer");

    await openActivity(page, "Explorer");
    await editor.door.execute("revealInExplorer", { $path: join(folder, "torn.pt") });
    const badges = () => page.locator(".explorer-folders-view .monaco-icon-label").evaluateAll(badgesOf);
    await waitFor("badges in the explorer", async () => {
      const found = await badges();
      return (
        found.some((label) => label.startsWith("torn.pt ✗")) && found.some((label) => label.startsWith("evil.pt !"))
      );
    });
    await shot("badges");

    await open("epoch_1.pt");
    await runCommand(page, "Trainyard: Compare Checkpoints");
    await pick(page, "epoch_2.pt");
    const report = pageInFront(page);
    await report.getByText("Tensors reshaped").waitFor();
    await shot("compared");
    await clickNotificationButton(page, /the numbers in the tensors were not compared/, "Compare Numbers");
    await report.getByText("none has other numbers, 1,000 have equal ones").waitFor();
    await shot("numbers");
  },
);

/** Name and badge of each row of the explorer; a badge is drawn by a style and is no text of the page. */
function badgesOf(labels: Element[]): string[] {
  return labels.map((label) => {
    const badge = [...label.querySelectorAll("*")].map((part) => getComputedStyle(part, "::after").content).join("");
    const own = getComputedStyle(label, "::after").content;
    return `${label.textContent} ${`${badge}${own}`.replaceAll(/none|normal|"/g, "")}`;
  });
}
