import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../../../scripts/host/profile.mjs";
import { waitFor } from "../../support/poll.ts";

type DoorResult = { kind: "done"; value: unknown } | { kind: "failed"; message: string };

/** Runs editor commands from outside, through the test-only extension in test/support/commandDoor. */
export class CommandDoor {
  readonly folder: string;
  #count = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
  }

  /** Resolves when the extension host runs; gives its process id. */
  async ready(): Promise<number> {
    const file = join(this.folder, "ready.json");
    await waitFor("the extension host", () => exists(file), 60_000);
    const { pid }: { pid: number } = JSON.parse(await readFile(file, "utf8"));
    return pid;
  }

  async forgetReady(): Promise<void> {
    await rm(join(this.folder, "ready.json"), { force: true });
  }

  /** What the command resolves with, as JSON. `{ $path: "/a/b" }` among the arguments becomes a Uri. */
  async execute(command: string, ...values: readonly unknown[]): Promise<unknown> {
    this.#count += 1;
    const id = `${process.pid}-${this.#count}`;
    // For the newest host: one of a window that was reloaded may live on for a moment, and would take it and never answer.
    const request = join(this.folder, `${id}.${await this.ready()}.command.json`);
    await writeFile(`${request}.partial`, JSON.stringify({ command, arguments: values }));
    await rename(`${request}.partial`, request);
    const answer = join(this.folder, `${id}.result.json`);
    await waitFor(`the command ${command}`, () => exists(answer));
    const result: DoorResult = JSON.parse(await readFile(answer, "utf8"));
    if (result.kind === "failed") {
      throw new Error(`The command ${command} failed: ${result.message}`);
    }
    return result.value;
  }
}
