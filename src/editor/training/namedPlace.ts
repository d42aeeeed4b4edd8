import { stat } from "node:fs/promises";
import * as path from "node:path";
import { OF_FILE, refusalBefore, spokenAt } from "../../core/training/argumentRefusal.ts";
import { chooseWorkspaceFolder, resolveInFolder, workspaceRoots } from "../base/workspace.ts";

/** A checkpoint or a folder of them that a text names, and what else it says. */
export type NamedPlace = { path: string; rest: string };

/**
 * The place that a text names: all of it, or a word of it such as in "from ckpts". Words that look like paths are taken for such
 * even where nothing is there, so that a mistyped one is told; others only behind "from" or "in", where a folder is called so:
 * "the training" is no folder. None is taken that the text refuses.
 */
export async function namedPlace(text: string): Promise<NamedPlace | undefined> {
  const whole = await placeCalled(bare(text));
  if (whole !== undefined) {
    return { path: whole, rest: "" };
  }
  const written = text.split(/\s+/).filter((word) => word !== "");
  const words = written.map((word) => ({ text: bare(word), isQuoted: false, endsClause: /[,;:]$/.test(word) }));
  const wanted = written.flatMap((said, at) => {
    const name = words[at]?.text ?? "";
    const mayName = looksLikePath(name) || /^(?:from|in)$/.test(spokenAt(words, at - 1));
    return mayName && refusalBefore(words, at, OF_FILE) === undefined ? [{ said, name }] : [];
  });
  for (const { said, name } of wanted) {
    const found = await placeCalled(name);
    if (found !== undefined) {
      return { path: found, rest: withoutPlace(text, said) };
    }
  }
  const missing = wanted.find(({ name }) => looksLikePath(name));
  return missing === undefined
    ? undefined
    : { path: resolveInFolder(await chooseWorkspaceFolder(), missing.name), rest: withoutPlace(text, missing.said) };
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
  return word
    .replace(/^["'`(]+/, "")
    .replace(/(?<=[\w"'`)])\.+(?=["'`),;:!?]*$)/, "")
    .replace(/["'`),;:!?]+$/, "");
}

function withoutPlace(text: string, word: string): string {
  return text
    .replace(word, "")
    .replace(/\bfrom\s*$/i, "")
    .trim();
}
