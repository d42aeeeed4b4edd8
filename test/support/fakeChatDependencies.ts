import type { AgentCatalog } from "../../src/core/agents/agentCatalog.ts";
import { collectAgents } from "../../src/core/agents/agentCatalog.ts";
import { buildPacket, type PacketStore } from "../../src/core/chat/handoffPacket.ts";
import type { SlashCommand } from "../../src/core/chat/slashCommand.ts";
import type { AgentStanding } from "../../src/core/knowledge/triggers/mergeRankings.ts";
import { Deliveries, type Timer } from "../../src/editor/chat/deliveries.ts";

/** Packets in memory; ids count up: `p001`, `p002`. */
export function memoryPackets(): PacketStore {
  const packets = new Map<string, ReturnType<typeof buildPacket>>();
  return {
    write: (content, facts) => {
      const id = `p00${packets.size + 1}`;
      const packet = buildPacket(content, facts, { id, createdAt: "2026-11-21T10:00:00.000Z" });
      packets.set(id, packet);
      return Promise.resolve({ packet, path: `/home/ada/.trainyard/handoffs/${id}.json` });
    },
    read: (id) => {
      const packet = packets.get(id);
      return Promise.resolve(
        packet === undefined ? { kind: "unreadable", reason: `No packet ${id}.` } : { kind: "read", packet },
      );
    },
  };
}

/** A clock that a test moves: `pass` runs everything that is due by then. */
export function manualTimer(): { timer: Timer; pass: (milliseconds: number) => void } {
  let now = 0;
  let waiting: { at: number; run: () => void }[] = [];
  return {
    timer: (delayMs, run) => {
      const entry = { at: now + delayMs, run };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((each) => each !== entry);
      };
    },
    pass: (milliseconds) => {
      now += milliseconds;
      const due = waiting.filter((entry) => entry.at <= now);
      waiting = waiting.filter((entry) => entry.at > now);
      for (const entry of due) {
        entry.run();
      }
    },
  };
}

/** A command that answers with its own name and what it was given. */
export function echoCommand(name: string, participant = "ml-trainer"): SlashCommand {
  return {
    name,
    participant,
    description: `does ${name}`,
    answer: ({ prompt, packet }) =>
      Promise.resolve({ markdown: `[${name}:${prompt}${packet === undefined ? "" : ` of ${packet.id}`}]` }),
  };
}

/** The file of an agent, with the lines of its handoffs. */
export function agentText(name: string, handoffs: readonly string[]): string {
  const lines = [
    `name: ${name}`,
    "description: Helps.",
    "tools: [trainyard.trainyard/trainyardRunStatus]",
    "handoffs:",
  ];
  return ["---", ...lines, ...handoffs, "---", `You are ${name}.`].join("\n");
}

export function smallCatalog(): AgentCatalog {
  const files = [
    [
      "ml-trainer",
      "  - {label: Deploy Model, agent: mlops-engineer, prompt: Please deploy.}",
      "  - {label: Evaluate Model, agent: eval-agent, prompt: Please evaluate.}",
    ],
    ["mlops-engineer", "  - {label: Check Training, agent: ml-trainer, prompt: Please check., send: true}"],
    ["metaflow-agent", "  - {label: Train Model, agent: ml-trainer, prompt: Please train.}"],
  ] as const;
  return collectAgents(
    files.map(([name, ...handoffs]) => ({
      path: `agents/${name}.agent.md`,
      origin: "shipped",
      text: agentText(name, handoffs),
    })),
    { isWorkspaceTrusted: true },
  );
}

/** Everything the participants need, in memory. */
export function chatDependencies(commands: readonly SlashCommand[], timer: Timer = manualTimer().timer) {
  const packets = memoryPackets();
  return {
    loadCatalog: () => Promise.resolve(smallCatalog()),
    loadCommands: () => Promise.resolve(commands),
    loadToolNames: () => Promise.resolve([{ name: "trainyard_run_status", referenceName: "trainyardRunStatus" }]),
    readFacts: () => Promise.resolve("The framework is PyTorch (requirements.txt:1)."),
    fillPlaceholders: (instructions: string) =>
      Promise.resolve(instructions.replaceAll("{train_command}", "python train.py")),
    readSituation: () => Promise.resolve({ hasRuns: false, isTraining: false, hasFlows: false, hasWorkflow: false }),
    readRunNames: (): Promise<readonly string[]> => Promise.resolve([]),
    rankAgents: (): Promise<readonly AgentStanding[]> => Promise.resolve([]),
    readMemory: (agent: string) =>
      Promise.resolve(agent === "mlops-engineer" ? "Data:\n- 2026-01-02: Parquet by day" : ""),
    noteCall: () => Promise.resolve(),
    packets: (): PacketStore | undefined => packets,
    currentFacts: (runId?: string) =>
      Promise.resolve({
        run: { id: runId ?? "r1", title: "train", state: "finished", command: "python train.py" },
        metrics: { val_acc: 0.98 },
      }),
    deliveries: new Deliveries(timer),
  };
}
