import assert from "node:assert/strict";
import { ask, openChat } from "../support/chat.ts";
import { journey } from "../support/journey.ts";

journey(
  import.meta.url,
  "plain words without a model start, delete and write nothing that was not asked for",
  {},
  async (editor, shot) => {
    const { page } = editor;
    await openChat(page, { width: 560 });

    const leftOut = await ask(page, "@ml-trainer train on data/imagenet with resnet50");
    assert.match(leftOut, /Not understood and left out: data\/imagenet, resnet50/);
    assert.match(leftOut, /Start Without It/);

    const held = await ask(page, "@ml-trainer I want to train train.py but not yet");
    assert.match(held, /Nothing was started, as you asked/);
    assert.match(held, /--epochs/);
    assert.doesNotMatch(held, /Start Anyway|Start Without It/);
    await shot("held");

    const deleting = await ask(page, "@ml-trainer delete all old checkpoints except the best 3");
    assert.match(deleting, /Nothing was deleted/);
    assert.match(deleting, /Prune Checkpoints/);
    assert.doesNotMatch(await ask(page, "@ml-trainer which checkpoint is best?"), /does not exist/);

    assert.match(await ask(page, "@mlops-engineer do not deploy anything"), /Nothing was started, stopped or changed/);
    assert.match(await ask(page, "@mlops-engineer set up CI for this repo"), /There is no command that sets up CI/);
    await shot("no-command");

    const plan = await ask(
      page,
      "@ml-trainer train train.py for 2 epochs, keep it off the gpu, and show me the curves",
    );
    assert.match(plan, /train\.py\s--epochs\s2[\s\S]*CPU was asked for[\s\S]*Start Without It/);
    const agreed = await ask(page, "@ml-trainer yes, go ahead");
    assert.match(agreed, /Press Start Without It under the plan above/);
    await shot("agreed");

    const unknown = await ask(page, "@ml-trainer paint the bikeshed");
    assert.match(unknown, /I did not understand/);
    assert.doesNotMatch(unknown, /Hello/);
    await shot("not-understood");
  },
);
