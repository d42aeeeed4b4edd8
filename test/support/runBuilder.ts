import type { Run, RunStatus } from "../../src/core/training/runRecord.ts";

/** A run that was started at 03:00:00 and has the given state and status. */
export function buildRun(state: Run["state"], change: Partial<RunStatus> = {}): Run {
  return {
    state,
    folder: "/w/.trainyard/runs/r",
    record: {
      schemaVersion: 1,
      id: "20261121-030000-digits-0001",
      createdAt: "2026-11-21T03:00:00.000Z",
      plan: {
        kind: "training",
        title: "digits",
        script: "/w/train.py",
        command: ["/w/.venv/bin/python", "train.py"],
        cwd: "/w",
        environment: {},
        interpreter: { path: "/w/.venv/bin/python", reason: "`.venv` beside the script" },
        device: { kind: "cpu", reason: "no GPU" },
        arguments: [],
        warnings: [],
      },
      receipt: { host: "h", platform: "linux-x64", trainyardVersion: "0.1.0" },
    },
    status: {
      schemaVersion: 1,
      state: state === "lost" || state === "orphaned" ? "running" : state,
      startedAt: "2026-11-21T03:00:00.000Z",
      heartbeatAt: "2026-11-21T03:01:00.000Z",
      ...change,
    },
  };
}
