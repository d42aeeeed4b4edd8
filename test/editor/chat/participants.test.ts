import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { UserError } from "../../../src/core/base/errors.ts";
import { registerParticipants } from "../../../src/editor/chat/participants.ts";
import { chatTurn, type FakeTurn, ScriptedModel, saidIn } from "../../support/fakeChat.ts";
import { chatDependencies, echoCommand } from "../../support/fakeChatDependencies.ts";
import { CancellationError, ChatResponseTurn, fake, resetFake } from "../../support/fakeVscode.ts";

const builtIn = { vendor: "trainyard", name: "Built-in (no AI)" };
const commands = [
  echoCommand("train"),
  echoCommand("runs"),
  echoCommand("stop"),
  echoCommand("approve"),
  echoCommand("deploy", "mlops-engineer"),
];

/** Asks a registered participant and gives what it drew and returned. */
async function ask(turn: FakeTurn, deps = chatDependencies(commands), participant = "ml-trainer") {
  registerParticipants(deps);
  const { stream, args } = chatTurn(turn);
  const result: unknown = await fake.participants.get(`trainyard.${participant}`)?.handler(...args);
  return { stream, result, followups: fake.participants.get(`trainyard.${participant}`)?.followupProvider };
}

function remembered(metadata: unknown): ChatResponseTurn {
  return new ChatResponseTurn([], { metadata }, "trainyard.ml-trainer");
}

function proposing(command: string, title: string) {
  const reply = { markdown: "A plan.", buttons: [{ title, command, arguments: [] }] };
  return { ...echoCommand("train"), answer: () => Promise.resolve(reply) };
}

function refusing(error: Error) {
  return chatDependencies([{ ...echoCommand("train"), answer: () => Promise.reject(error) }]);
}

async function packetIn(deps: ReturnType<typeof chatDependencies>): Promise<string> {
  const content = { from: "mlops-engineer", to: "ml-trainer", prompt: "Please check." };
  const written = await deps.packets()?.write(content, await deps.currentFacts("r7"));
  return written?.packet.id ?? "";
}

beforeEach(resetFake);

describe("a slash command", () => {
  test("is answered without a model, with the agent's handoffs below", async () => {
    const { stream, result } = await ask({ prompt: "lr 3", command: "train" });
    assert.equal(stream.text, "[train:lr 3]");
    assert.deepEqual(
      stream.buttons.map((button) => [button.title, button.command]),
      [
        ["Deploy Model", "trainyard.handoff"],
        ["Evaluate Model", "trainyard.handoff"],
      ],
    );
    assert.deepEqual(stream.buttons[0]?.arguments, [
      {
        from: "ml-trainer",
        to: "mlops-engineer",
        label: "Deploy Model",
        prompt: "Please deploy.",
        send: false,
        origin: "answer",
        isModelPicked: true,
        goal: "lr 3",
        summary: "[train:lr 3]",
      },
    ]);
    assert.deepEqual(result, { metadata: { trainyard: 1 } });
  });

  test("draws buttons, references and followups, and trusts no link that a document may hold", async () => {
    const rich = {
      ...echoCommand("rich"),
      offersHandoffs: false,
      answer: () =>
        Promise.resolve({
          markdown: "Ready. [Read on](command:trainyard.askAgent)",
          buttons: [{ title: "Start", command: "trainyard.startRun", arguments: [{ script: "train.py" }] }],
          references: [{ path: "/home/ada/train.py", line: 3 }],
          followups: [{ label: "How is it going?", command: "runs", prompt: "" }],
        }),
    };
    const { stream, result, followups } = await ask({ prompt: "", command: "rich" }, chatDependencies([rich]));
    assert.deepEqual(stream.buttons, [
      { title: "Start", command: "trainyard.startRun", arguments: [{ script: "train.py" }] },
    ]);
    assert.equal(stream.referenced.length, 1);
    assert.deepEqual(stream.trusted, []);
    assert.deepEqual(await followups?.provideFollowups(result), [
      { label: "How is it going?", command: "runs", prompt: "" },
    ]);
  });

  test("that refuses says why, and a bug gives a way to the log", async () => {
    const refused = await ask(
      { prompt: "", command: "train" },
      refusing(new UserError("No script was found. Open a folder.")),
    );
    assert.equal(refused.stream.text.trim(), "No script was found. Open a folder.");
    assert.deepEqual(refused.stream.buttons, []);
    const remedy = { title: "New Script…", command: "trainyard.newTrainingScript" };
    const helped = await ask({ prompt: "", command: "train" }, refusing(new UserError("No script.", { remedy })));
    assert.deepEqual(helped.stream.buttons, [remedy]);
    const bug = await ask({ prompt: "", command: "train" }, refusing(new TypeError("x is undefined")));
    assert.match(bug.stream.text, /unexpected reason/);
    assert.doesNotMatch(bug.stream.text, /undefined/);
    assert.deepEqual(bug.stream.buttons, [{ title: "Open Extension Log", command: "trainyard.openLog" }]);
    assert.match(fake.log.join("\n"), /x is undefined/);
    const cancelled = await ask({ prompt: "", command: "train" }, refusing(new CancellationError()));
    assert.equal(cancelled.stream.text, "");
  });

  test("sees Stop as an aborted signal", async () => {
    const deps = chatDependencies([
      {
        ...echoCommand("train"),
        answer: (_request, signal) =>
          new Promise((resolve) =>
            signal.addEventListener("abort", () => resolve({ markdown: "stopped" }), { once: true }),
          ),
      },
    ]);
    registerParticipants(deps);
    const { stream, source, args } = chatTurn({ prompt: "", command: "train" });
    const answer = fake.participants.get("trainyard.ml-trainer")?.handler(...args);
    setImmediate(() => source.cancel());
    assert.deepEqual(await answer, {});
    assert.equal(stream.text, "stopped");
    assert.deepEqual(stream.buttons, []);
  });

  test("that does not exist names those that do", async () => {
    const { stream } = await ask({ prompt: "", command: "fly" });
    assert.equal(stream.text.trim(), "@ml-trainer has no command /fly. It has: /train, /runs, /stop, /approve.");
  });
});

describe("the built-in model", () => {
  test("runs the command a text means, and says once that it is no AI", async () => {
    const first = await ask({ prompt: "train with lr 3e-4", model: builtIn });
    assert.match(
      first.stream.text,
      /^_Built-in \(no AI\): no language model is at work here\..*\[train:with lr 3e-4\]$/s,
    );
    assert.deepEqual(first.result, { metadata: { trainyard: 1, saidBuiltIn: true } });
    const second = await ask({
      prompt: "stop it",
      model: builtIn,
      history: [remembered({ trainyard: 1, saidBuiltIn: true })],
    });
    assert.equal(second.stream.text, "`/stop it`\n\n[stop:it]");
  });

  test("tells a command whether it was typed or read out of free text", async () => {
    const telling = {
      ...echoCommand("train"),
      answer: ({ isRouted }: { isRouted?: true }) => Promise.resolve({ markdown: `routed: ${isRouted === true}` }),
    };
    const deps = chatDependencies([telling]);
    assert.match((await ask({ prompt: "train", model: builtIn }, deps)).stream.text, /routed: true$/);
    assert.match((await ask({ prompt: "", command: "train", model: builtIn }, deps)).stream.text, /routed: false$/);
  });

  test("names a few commands that fit now when a text means none, and all of them when asked", async () => {
    const { stream } = await ask({ prompt: "what is dropout?", model: builtIn });
    assert.match(stream.text, /- \[\/train\]\(command:trainyard\.askAgent\?[^)]+\): does train/);
    assert.doesNotMatch(stream.text, /does runs|does approve|\/deploy\]/);
    assert.deepEqual(stream.trusted, [{ enabledCommands: ["trainyard.askAgent"] }]);
    assert.match(stream.text, /\[All commands\]\(command:trainyard\.askAgent\?[^)]+\) · Pick a language model below/);
    const { stream: help } = await ask({ prompt: "help", model: builtIn });
    assert.match(help.text, /- \[\/runs\]/);
    assert.match(help.text, /\*\*@mlops-engineer\*\*: \[\/deploy\]/);
    assert.doesNotMatch(help.text, /\/approve\]/);
    assert.deepEqual(stream.buttons, []);
  });

  test("shows the handoffs to whom wants to hand over, and the commands that add a step and draw the graph", async () => {
    const { stream } = await ask({ prompt: "hand over to mlops", model: builtIn });
    assert.match(stream.text, /who takes over\.$/, "there is no run that could go along");
    assert.equal(stream.buttons.map(({ title }) => title).join(), "Deploy Model,Evaluate Model");
    const { stream: step } = await ask({ prompt: "how do I add a foreach?", model: builtIn });
    assert.deepEqual(
      step.buttons.map(({ command }) => command),
      ["trainyard.newFlow"],
    );
    const { stream: graph } = await ask({ prompt: "show the flow graph", model: builtIn });
    assert.match(graph.text, /no graph to show/);
    const withFlows = { ...chatDependencies(commands) };
    const situation = await withFlows.readSituation();
    withFlows.readSituation = () => Promise.resolve({ ...situation, hasFlows: true });
    const { stream: drawn } = await ask({ prompt: "show the flow graph", model: builtIn }, withFlows);
    assert.deepEqual(
      drawn.buttons.map(({ command }) => command),
      ["trainyard.showFlowGraph"],
    );
  });

  test("greets once, and says later what it did not understand and what comes nearest", async () => {
    const said = { model: builtIn, history: [remembered({ trainyard: 1, saidBuiltIn: true })] };
    const { stream: greeted } = await ask({ prompt: "hi there, @ml-trainer!", model: builtIn });
    assert.match(greeted.text, /\n\nHello! Without a language model/);
    const { stream: first } = await ask({ prompt: "make it nicer", model: builtIn });
    assert.match(
      first.text,
      /\n\nI did not understand `make it nicer`, so nothing was done\. Without a language model/,
    );
    const { stream: later } = await ask({ prompt: "she `deploys` nicely", ...said });
    assert.match(later.text, /^I did not understand `` she `deploys` nicely ``, so nothing was done\. Nearest is:/);
    assert.match(later.text, /- \[@mlops-engineer \/deploy\]\(command:/);
    assert.doesNotMatch(later.text, /\[\/approve\]|Hello/);
    const { stream: far } = await ask({ prompt: "xyzzy", ...said });
    assert.match(far.text, /so nothing was done\. What fits here now:\n\n- \[\/train\]/);
    for (const prompt of ["Hello!", "hey, what can you do for me?", "how does this work?"]) {
      assert.match((await ask({ prompt, ...said })).stream.text, /^Hello!/, prompt);
    }
    for (const prompt of [
      "what can i do about overfitting",
      "how does this work with two nodes in slurm",
      "help me understand why val_acc is stuck",
    ]) {
      assert.match((await ask({ prompt, ...said })).stream.text, /^I did not understand/, prompt);
    }
    for (const prompt of ["hallo", "Bonjour !", "hola", "what can u do"]) {
      assert.match((await ask({ prompt, model: builtIn })).stream.text, /Hello!/, prompt);
    }
    for (const prompt of ["ok", "yes please"]) {
      assert.match((await ask({ prompt, ...said })).stream.text, /^Nothing here waits for a yes/, prompt);
    }
    for (const prompt of ["thanks!", "Thank you very much", "great, thanks for that"]) {
      assert.equal((await ask({ prompt, ...said })).stream.text, "You are welcome.", prompt);
    }
  });

  test("offers what a mistyped request or one in another language comes nearest to, and does none of it", async () => {
    const some = ["train", "runs", "stop", "optimize"].map((name) => echoCommand(name));
    const offered = async (prompt: string) => {
      const { stream } = await ask({ prompt, model: builtIn }, chatDependencies(some));
      const links = [...stream.text.matchAll(/^- \[\/(\w+)\]/gm)].map(([, name]) => name).join();
      return `${links}${/understood in English only/.test(stream.text) ? " abroad" : ""}`;
    };
    for (const [prompt, expected] of Object.entries({
      "tran my model": "train",
      "stpo it": "stop",
      "starte das Training mit lr 1e-4": "train abroad",
      "lance l'entraînement": "train abroad",
      "entrena el modelo": "train abroad",
      "stopp bitte": "stop abroad",
      "arrête l'entraînement": "stop,train abroad",
      "ist es fertig?": "runs abroad",
      "warum so langsam?": "optimize abroad",
    })) {
      assert.equal(await offered(prompt), expected, prompt);
    }
    for (const prompt of [
      "can you close the terminal?",
      "parallel parameters of the general curvature",
      "create and evaluate a finite journal",
      "it was deployed, stopped and detained continually",
      "an MIT comment on Mon",
      "stand by for rapidly lent starters",
      "is early stopping on",
      "does continual learning help",
      "pare down the model",
      "how is LOS computed",
      "Le Cun initialization",
      "use como as a word",
    ]) {
      assert.doesNotMatch(await offered(prompt), /stop|abroad/, prompt);
    }
  });

  test("points who agrees in words to the button that starts what was shown", async () => {
    const planning = {
      ...echoCommand("train"),
      answer: () =>
        Promise.resolve({
          markdown: "A plan.",
          buttons: [{ title: "Start Anyway", command: "trainyard.startShownPlan", arguments: [] }],
        }),
    };
    const deps = chatDependencies([planning, echoCommand("runs")]);
    const planned = await ask({ prompt: "exp3", command: "train" }, deps);
    assert.ok(typeof planned.result === "object" && planned.result !== null && "metadata" in planned.result);
    const history = [remembered(planned.result.metadata)];
    for (const prompt of ["yes", "ok, go ahead!", "start it", "go"]) {
      const { stream, result } = await ask({ prompt, model: builtIn, history }, deps);
      assert.match(
        stream.text,
        /Press \*\*Start Anyway\*\* under the plan above; it starts exactly what is shown there\.$/,
        prompt,
      );
      assert.deepEqual(stream.buttons, []);
      assert.deepEqual(result, { metadata: { trainyard: 1, startButton: "Start Anyway", saidBuiltIn: true } });
    }
    assert.match((await ask({ prompt: "go", model: builtIn }, deps)).stream.text, /A plan\.$/);
    assert.match(
      (await ask({ prompt: "yes, how is it going?", model: builtIn, history }, deps)).stream.text,
      /\[runs:/,
    );
  });

  test("takes back what was proposed, and stops no run for it", async () => {
    for (const [command, title, pressed] of [
      [
        "trainyard.startShownPlan",
        "Start",
        /^Nothing was started, unless you pressed \*\*Start\*\* already, and nothing/,
      ],
      ["trainyard.editShownPlan", "Edit Arguments…", /^Nothing was started, unless you pressed a button there already/],
    ] as const) {
      const deps = chatDependencies([proposing(command, title), echoCommand("stop")]);
      const say = async (prompt: string, metadata: unknown) => {
        const history = metadata === undefined ? [] : [remembered(metadata)];
        const { stream, result } = await ask({ prompt, model: builtIn, history }, deps);
        assert.ok(typeof result === "object" && result !== null && "metadata" in result);
        return { text: stream.text, metadata: result.metadata };
      };
      const planned = await say("train with lr 0.5", undefined);
      const refused = await say("no", planned.metadata);
      assert.match(refused.text, /^Nothing was started, stopped or changed\.$/);
      for (const { metadata } of [planned, refused]) {
        for (const prompt of ["cancel that", "Cancel", "abort!", "no, cancel it", "cancel the sweep please"]) {
          const taken = await say(prompt, metadata);
          assert.match(taken.text, pressed, prompt);
          assert.match(taken.text, /To stop a run that is going on: \[\/stop\]/);
          assert.doesNotMatch(taken.text, /\[stop:/, prompt);
          assert.match((await say("cancel", taken.metadata)).text, pressed, prompt);
        }
        for (const prompt of ["stop mnist-2", "cancel all runs", "stop the training"]) {
          assert.match((await say(prompt, metadata)).text, /\[stop:/, prompt);
        }
      }
      assert.match((await say("cancel that", undefined)).text, /\[stop:/);
    }
  });

  test("a slash command in between does not make it introduce itself again", async () => {
    const history = [remembered({ trainyard: 1, saidBuiltIn: true })];
    const { result } = await ask({ prompt: "lr 3", command: "train", history });
    assert.deepEqual(result, { metadata: { trainyard: 1, saidBuiltIn: true } });
  });

  test("does nothing of what is refused, and says what no command does", async () => {
    const { stream } = await ask({ prompt: "do not stop it", model: builtIn });
    assert.match(stream.text, /Nothing was started, stopped or changed\.$/);
    const { stream: wish } = await ask({ prompt: "delete the runs folder", model: builtIn });
    assert.match(wish.text, /Nothing was deleted; .*\n\nNearest:\n\n- \[\/runs\]/s);
    assert.doesNotMatch(wish.text, /\[runs:/);
  });

  test("offers another agent's command without running it", async () => {
    const { stream } = await ask({ prompt: "deploy the model", model: builtIn });
    assert.match(stream.text, /task for \*\*@mlops-engineer\*\*/);
    assert.doesNotMatch(stream.text, /\[deploy:/);
  });
});

describe("a handoff that arrives", () => {
  test("shows what was received and hides its token", async () => {
    const deps = chatDependencies(commands);
    const id = await packetIn(deps);
    const { stream, result } = await ask({ prompt: `with it #handoff:${id}`, command: "train" }, deps);
    assert.match(stream.text, /^> \*\*Received from @mlops-engineer:\*\* Please check\.\n/);
    assert.match(stream.text, /\[train:with it of p001\]$/);
    assert.deepEqual(result, { metadata: { trainyard: 1, packetId: "p001" } });
  });

  test("without a model is answered by looking, or by what can be done with it", async () => {
    const deps = chatDependencies(commands);
    const id = await packetIn(deps);
    const looking = await ask({ prompt: `how is it going? #handoff:${id}`, model: builtIn }, deps);
    assert.match(looking.stream.text, /\[runs:r7 of p001\]$/);
    const doing = await ask({ prompt: `Please train it. #handoff:${id}`, model: builtIn }, deps);
    assert.doesNotMatch(doing.stream.text, /\[train:/);
    assert.match(doing.stream.text, /\[\/runs\]\(command:[^)]+\) with `r7`/);
  });

  test("whose packet is gone says so, and the work goes on", async () => {
    const { stream } = await ask({ prompt: "go #handoff:zzzz99", command: "train" });
    assert.equal(stream.text, "No packet zzzz99.\n\n[train:go]");
  });

  test("stays known in later turns, and goes along when handed on", async () => {
    const deps = chatDependencies(commands);
    const id = await packetIn(deps);
    const model = new ScriptedModel({ text: "It is at epoch 3." });
    const { stream } = await ask(
      { prompt: "and now?", model, history: [remembered({ trainyard: 1, packetId: id })] },
      deps,
    );
    assert.match(saidIn(model.sent[0]), /mlops-engineer handed this work to you/);
    assert.doesNotMatch(stream.text, /Received from/);
    assert.match(JSON.stringify(stream.buttons[0]?.arguments), /"earlierPacketId":"p001"/);
  });
});
