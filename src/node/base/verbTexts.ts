/** How a verb is called and what it does, which its help and that of the program say. */
export type VerbText = {
  /** What follows the verb: `[--detach] -- <command>…`. */
  usage: string;
  /** One line for the help. */
  summary: string;
};

/** The texts of all verbs, in the order of the help. Here and not with their verbs: to print the help, none of those is loaded. */
export const VERB_TEXTS = {
  run: {
    usage:
      "[--detach] [--after <run>] [--when-gpu-free] [--log-limit <MiB>] [--stop-grace <seconds>] (-- <command>… | --preset <name> [-- <argument>…])",
    summary:
      "start a training that outlives this terminal, and show it; its exit code becomes this one's. --after lets it wait for the end of another run, --when-gpu-free for a GPU that nobody uses",
  },
  sweep: {
    usage:
      "<argument>=<value>,<value>… [--jobs <n>] [--cpu] [--dry-run] [--detach] [--log-limit <MiB>] [--stop-grace <seconds>] (-- <command>… | --preset <name> [-- <argument>…])",
    summary:
      "run a command with every combination of the values, as many at once as GPUs are free (on the CPU: --jobs, one by default), and print what came out. seed=1..5 stands for five whole numbers, 1..100..10 for every tenth. Ctrl-C stops all of it, `trainyard stop <sweep>` too",
  },
  runs: {
    usage: "[--json]",
    summary: "list the runs, newest first",
  },
  logs: {
    usage: "[-f] <id|name|latest>",
    summary: "print what a run has printed; -f goes on until it ends, and Ctrl-C then leaves the run alone",
  },
  stop: {
    usage: "[--now] [--grace <seconds>] <id|name|latest|id of a sweep>",
    summary:
      "ask a training to stop, as Ctrl-C does, and wait for its end; --now kills it. Of a sweep, all runs are asked",
  },
  gpus: {
    usage: "[--json]",
    summary: "list the GPUs of this machine with what is free and who uses the rest",
  },
  diagnose: {
    usage: "<id|name|latest|log file> [--json]",
    summary: "say why a training ended badly, with the lines that prove it and the command that would repair it",
  },
  resume: {
    usage: "[<id|name|latest>] [<checkpoint or folder>] [--yes [--detach]] [--json] [-- <command>…]",
    summary: "say from which checkpoint a training can go on and with which command; --yes starts it",
  },
  checkpoints: {
    usage: "<file or folder> [--json]",
    summary: "say what checkpoints hold and which are whole",
  },
  newest: {
    usage: "<folder>",
    summary: "print the newest whole checkpoint to resume from, past NaN losses and weights alone",
  },
  inspect: {
    usage: "<file or folder> [--json]",
    summary: "the same as checkpoints, by another name",
  },
  compare: {
    usage: "<checkpoint> <checkpoint> [--numbers] [--json]",
    summary: "say which tensors, settings and metrics differ between two checkpoints",
  },
  prune: {
    usage:
      "<folder> [--keep-best K] [--keep-last N] [--keep-every M] [--metric name[:min|:max]] [--saves] [--yes] [--json] | --undo <trash folder>",
    summary: "say which checkpoints may go; --yes moves them to a trash folder, --undo puts them back",
  },
  graph: {
    usage: "<flow.py> [--json | --dot | --svg] [--flow <class>]",
    summary: "print the graph of a Metaflow flow without running it",
  },
  agents: {
    usage: "check <workspace folder, folder of agent files, or one agent file> [--json]",
    summary:
      "say what is wrong in agent files; exit code 1 where there is an error or a warning, remarks count as none",
  },
  check: {
    usage: "[--ml] <file or folder>… [--json]",
    summary:
      "find mistakes in Metaflow flows, or with --ml leakage and other mistakes in machine-learning code, without running anything; exit code 1 for errors and warnings",
  },
  workflow: {
    usage: "list | status [<id>] | journal [<id>] | export [<id>]  [--json]",
    summary: "show the guided workflows, where one stands and what happened in it, or export its dossier",
  },
  metrics: {
    usage: "<folder, log, run or latest> [--json | --csv | --plot] [-f]",
    summary:
      "say how the curves of a run, in a folder of logs, or in one log or store, go: first, last and best value of each metric; -f goes on with what is added",
  },
  facts: {
    usage: "[<folder>] [--json]",
    summary:
      "say what a workspace is made with, each fact with file and line; exit code 1 where there is a conflict or a problem, remarks and what was left out count as none",
  },
} as const satisfies Readonly<Record<string, VerbText>>;

export type VerbName = keyof typeof VERB_TEXTS;
