import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../support/poll.ts";
import { ask, clickButton, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";
import { answer } from "../support/quickInput.ts";
import { newestRun, runFolders } from "../support/runs.ts";
import { clearNotifications, clickDialogButton, dialogText, waitForNotification } from "../support/workbench.ts";

/** Trains on the processes that torchrun starts, saves each epoch, and says nothing of the key that it is given. */
const RANKED = `import argparse
import os

import torch
import torch.distributed as dist

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--checkpoint-dir", default="saved")
parser.add_argument("--resume")
parser.add_argument("--token")
args = parser.parse_args()
dist.init_process_group("gloo")
os.makedirs(args.checkpoint_dir, exist_ok=True)
first = torch.load(args.resume)["epoch"] + 1 if args.resume else 1
for epoch in range(first, args.epochs + 1):
    if dist.get_rank() == 0:
        print(f"epoch {epoch}/{args.epochs} loss {1 / epoch:.4f} of {dist.get_world_size()} ranks", flush=True)
        path = os.path.join(args.checkpoint_dir, f"epoch_{epoch}.pt")
        torch.save({"epoch": epoch, "model": {"w": torch.zeros(64)}, "optimizer": {"state": {}}}, path)
assert args.token == "hunter22"
dist.destroy_process_group()
`;

journey(
  import.meta.url,
  "a training of torchrun is planned as it was typed, shows no secret, and is trained on when it has finished",
  { settings: { "trainyard.watchdog.enabled": false } },
  async ({ page, workspace }, shot) => {
    const state = () =>
      newestRun(workspace).then(
        ({ status }) => status.state,
        () => undefined,
      );
    await writeFile(join(workspace, "ddp.py"), RANKED);
    await mkdir(join(workspace, ".trainyard"), { recursive: true });
    await writeFile(join(workspace, ".trainyard", "presets.yaml"), "quick:\n  script: train.py\n  args: --epochs 1\n");
    await openChat(page, { width: 560 });

    const presets = await ask(page, "@ml-trainer /train");
    assert.match(presets, /presets\.yaml line 1: the preset quick: args means nothing here/);
    await shot("presets");

    const typed = "torchrun --standalone --nproc-per-node 2 ddp.py --token hunter22";
    const plan = await ask(page, `@ml-trainer /train ${typed}`);
    assert.match(plan, /torchrun\s--standalone\s--nproc-per-node\s2\sddp\.py\s--token\s'…'/);
    await shot("planned");
    await clickButton(page, "Start");
    await waitFor("its end", async () => (await state()) === "finished", 90_000);
    await waitForNotification(page, /ddp finished/);
    const { log } = await newestRun(workspace);
    assert.match(log, /epoch 2\/2 loss 0\.5000 of 2 ranks/);
    assert.doesNotMatch(log, /hunter22/);
    await clearNotifications(page);

    const offer = await ask(page, "@ml-trainer /resume");
    assert.match(offer, /ddp has finished: all 2 epochs are done/);
    await shot("finished");
    await clickButton(page, "Train On…");
    assert.match(await dialogText(page), /raise --epochs above 2; 4 is an example/);
    await shot("asked");
    await clickDialogButton(page, "Train On…");
    await answer(page, "3");
    await waitFor("a second run", async () => (await runFolders(workspace)).length === 2, 60_000);
    await waitFor("its end", async () => (await state()) === "finished", 90_000);
    assert.match((await newestRun(workspace)).log, /epoch 3\/3 loss 0\.3333 of 2 ranks/);
  },
);
