import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import * as z from "zod";
import { readInertPickle } from "../../../core/checkpoints/inertPickle.ts";
import { plainValueOf, plainValueText } from "../../../core/checkpoints/plainValue.ts";
import type { FlowArtifact, FlowTask } from "../../../core/metaflow/runs/flowRun.ts";
import { errorCode } from "../../base/fileErrors.ts";
import { type RunName, readJson } from "./localDatastore.ts";

/** A value that a person reads is smaller; of a larger one type and size are shown. */
const MAX_SHOWN_BYTES = 64_000;
const MAX_SHOWN_CHARACTERS = 300;
const MAX_SHOWN_ARTIFACTS = 200;

const SHA1 = /^[0-9a-f]{40}$/;

const dataSchema = z.object({
  objects: z.record(z.string(), z.string()),
  info: z.record(z.string(), z.object({ size: z.number().catch(0), type: z.string().catch("") })).catch({}),
});

/**
 * The artifacts of a task that people gave names to, by name. Values come out of the pickles without running them; what is
 * not plain data shows its type alone.
 */
export async function readArtifacts(
  root: string,
  { flow, id }: RunName,
  task: Pick<FlowTask, "step" | "id" | "attempt">,
): Promise<FlowArtifact[]> {
  const folder = join(root, flow, id, task.step, task.id);
  const data = await readJson(join(folder, `${task.attempt}.data.json`), dataSchema);
  const names = Object.keys(data?.objects ?? {})
    .filter((name) => !name.startsWith("_") && name !== "name")
    .toSorted()
    .slice(0, MAX_SHOWN_ARTIFACTS);
  return Promise.all(
    names.map(async (name) => {
      const { size = 0, type = "" } = data?.info[name] ?? {};
      const named = data?.objects[name] ?? "";
      const sha = SHA1.test(named) ? named : "";
      const { text, isWhole } = size > MAX_SHOWN_BYTES ? {} : await readValue(join(root, flow), sha);
      // JSON has one kind of number; Python writes a float as one.
      const shown = type === "<class 'float'>" && /^-?\d+$/.test(text ?? "") ? `${text}.0` : text;
      const value = shown === undefined ? {} : { text: shown, isWhole: isWhole === true };
      return { name, type: typeName(type), sizeBytes: size, sha, ...value };
    }),
  );
}

/** `<class 'numpy.ndarray'>` → `numpy.ndarray` */
function typeName(type: string): string {
  return /^<class '(.+)'>$/.exec(type)?.[1] ?? type;
}

/** A blob is a gzipped pickle below the first two digits of its hash. */
async function readValue(flowFolder: string, sha: string): Promise<{ text?: string; isWhole?: boolean }> {
  const packed = sha !== "" ? await readBlob(join(flowFolder, "data", sha.slice(0, 2), sha)) : undefined;
  const { outcome, root } = packed ? readInertPickle(packed) : {};
  // A call would make an object, which only running it could show.
  if (
    root === undefined ||
    outcome?.kind !== "complete" ||
    (typeof root === "object" && root !== null && "callable" in root)
  ) {
    return {};
  }
  const text = plainValueText(plainValueOf(root));
  return text.length > MAX_SHOWN_CHARACTERS
    ? { text: `${text.slice(0, MAX_SHOWN_CHARACTERS)}…`, isWhole: false }
    : { text, isWhole: true };
}

async function readBlob(path: string): Promise<Uint8Array | undefined> {
  try {
    return await promisify(gunzip)(await readFile(path), { maxOutputLength: 2 * MAX_SHOWN_BYTES });
  } catch (error) {
    // Removed, not gzipped, or larger than it said.
    if (errorCode(error) === undefined) {
      throw error;
    }
    return undefined;
  }
}
