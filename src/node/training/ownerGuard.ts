import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { ownerEnvironment } from "./trainingProcess.ts";

/** Waits for a line of the owner; when its pipe ends without one, the owner was killed and this becomes the next. */
const SCRIPT = 'read -r _ || exec "$@"';
/** Somebody who kills the guard again and again does not want it. */
const MAX_STARTS = 5;

/**
 * A shell, asleep on a pipe and a megabyte large, that starts a new owner when this process is killed: what a training
 * prints has to be read by somebody. Only where an owner can be replaced, which is where output can be reached through /proc.
 */
export class OwnerGuard {
  readonly #command: readonly string[];
  #shell: ChildProcess | undefined;
  #starts = 0;
  #isReleased = false;

  constructor(folder: string, supervisorPath: string) {
    this.#command = [process.execPath, ...process.execArgv, supervisorPath, "own", folder];
    if (process.platform === "linux") {
      this.#start();
    }
  }

  /** The guard goes: from here on the end of this process is nobody's loss. */
  async release(): Promise<void> {
    this.#isReleased = true;
    const shell = this.#shell;
    if (shell?.pid !== undefined && shell.exitCode === null && shell.signalCode === null) {
      shell.ref();
      const gone = once(shell, "exit");
      shell.stdin?.end("done\n");
      await gone;
    }
  }

  #start(): void {
    this.#starts += 1;
    const shell = spawn("/bin/sh", ["-c", SCRIPT, "sh", ...this.#command], {
      // What ends this process and its group must not end the guard.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      cwd: "/",
      env: ownerEnvironment(process.env),
    });
    shell.on("error", () => undefined);
    shell.stdin.on("error", () => undefined);
    shell.once("exit", () => {
      if (!this.#isReleased && this.#starts < MAX_STARTS) {
        this.#start();
      }
    });
    shell.unref();
    this.#shell = shell;
  }
}
