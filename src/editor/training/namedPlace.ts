import { stat } from "node:fs/promises";
import * as path from "node:path";
import { chooseWorkspaceFolder, resolveInFolder, workspaceRoots } from "../base/workspace.ts";

/** A checkpoint or a folder of them that a text names, and what else it says. */
export type NamedPlace = { path: string; rest: string };

/**
 * The place that a text names: all of it, or a word of it such as in "from ckpts". Words that look like paths are taken for such
 * even where nothing is there, so that a mistyped one is told; others only where a folder is called so.
 */
export async function namedPlace(text: string): Promise<NamedPlace | undefined> {
  const words = [text, ...text.split(/\s+/)].filter((word) => word !== "");
  for (const word of words) {
    const found = await placeCalled(bare(word));
    if (found !== undefined) {
      return { path: found, rest: withoutPlace(text, word) };
    }
  }
  const written = words.slice(1).find((word) => looksLikePath(bare(word)));
  return written === undefined
    ? undefined
    : { path: resolveInFolder(await chooseWorkspaceFolder(), bare(written)), rest: withoutPlace(text, written) };
}

async function placeCalled(name: string): Promise<string | undefined> {
  for (const root of workspaceRoots()) {
    const place = path.resolve(root, name);
    const status = await stat(place).catch(() => undefined);
    if (status !== undefined && name !== "" && (status.isDirectory() || looksLikePath(name))) {
      return place;
    }
  }
  return undefined;
}

function looksLikePath(word: string): boolean {
  return /[\\/]|\.(?:pt|pth|ckpt|tar|safetensors|keras|h5)$/.test(word);
}

/** Without the quotes and the end of the sentence around it. */
function bare(word: string): string {
  return word.replace(/^["'`(]+/, "").replace(/["'`),;:!?]+$/, "");
}

function withoutPlace(text: string, word: string): string {
  return text
    .replace(word, "")
    .replace(/\bfrom\s*$/i, "")
    .trim();
}
