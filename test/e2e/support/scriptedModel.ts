import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../../../scripts/host/profile.mjs";
import type { LoggedRequest, Script } from "../../support/scriptedModel/script.ts";

/** What the scripted model will say, and what it was asked. */
export class ScriptedModel {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    if (!(await exists(join(this.folder, "script.json")))) {
      await this.play({});
    }
  }

  /** From now on the model plays this script, from its beginning. */
  async play(script: Script): Promise<void> {
    await writeFile(join(this.folder, "script.json"), JSON.stringify(script));
  }

  /** Every request so far, oldest first, as the model saw it. */
  async requests(): Promise<LoggedRequest[]> {
    const text = await readFile(join(this.folder, "requests.jsonl"), "utf8").catch(() => "");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line): LoggedRequest => JSON.parse(line));
  }
}
