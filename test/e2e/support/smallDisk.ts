import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Only a process that may mount can make a disk of its own that is full. */
export function whyNoMount(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "trainyard-mount-"));
  const tried = spawnSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", folder], { encoding: "utf8" });
  if (tried.status === 0) {
    execFileSync("umount", [folder]);
  }
  rmdirSync(folder);
  return tried.status === 0 ? undefined : `no small disk can be mounted here: ${tried.stderr ?? tried.error?.message}`;
}
