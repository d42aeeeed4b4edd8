import { stat } from "node:fs/promises";
import { withNoun } from "../../core/base/withNoun.ts";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import { findWish } from "../../core/chat/wishes.ts";
import { chooseWorkspaceFolder, displayPath, resolveInFolder } from "../base/workspace.ts";
import { type CheckpointDeps, foundHolders, reportOn } from "./checkpointCommands.ts";

type KnownFolders = Pick<CheckpointDeps, "watched" | "runFolders" | "foundFolders">;

/** Folders that nobody asked for by name: a workspace of many experiments would fill the chat. */
const MAX_FOUND = 5;

/** `@ml-trainer /checkpoints [path or question]`. */
export function checkpointsSlashCommand(deps: KnownFolders): SlashCommand {
  return {
    participant: "ml-trainer",
    name: "checkpoints",
    description: "list checkpoints: which are whole, which is best",
    followedBy: ["eval-agent", "mlops-engineer"],
    async answer({ prompt }, signal): Promise<Reply> {
      const paths = await namedPaths(withoutQuotes(prompt));
      const wish = paths.length === 0 ? findWish(prompt.trim().toLowerCase()) : undefined;
      const reply = await answerForFolders(paths, deps, signal);
      return wish === undefined
        ? reply
        : {
            ...reply,
            markdown: `${wish.answer}\n\n${reply.markdown}`,
            ...(wish.buttons === undefined ? {} : { buttons: wish.buttons }),
          };
    },
  };
}

/** What the named paths hold; without any, what the folders hold that are known. */
async function answerForFolders(
  paths: readonly string[],
  { watched, runFolders, foundFolders }: KnownFolders,
  signal: AbortSignal,
): Promise<Reply> {
  const [only] = paths;
  if (only !== undefined && paths.length === 1) {
    return { markdown: await reportOn(only, signal) };
  }
  const known = paths.length > 0 ? paths : [...new Set([...(await runFolders()), ...watched.named()])];
  if (known.length > 0) {
    return { markdown: await reportOnEach(known, signal) };
  }
  const found = await foundHolders(foundFolders);
  const buttons = [{ title: "Watch a Folder…", command: "trainyard.watchCheckpoints" }];
  if (found.length === 0) {
    return {
      markdown: "No checkpoint folder is known yet: it becomes known with the first run, or when you watch one.",
      offersHandoffs: false,
      buttons,
    };
  }
  const more = found.length - MAX_FOUND;
  const rest = more > 0 ? `\n\n${withNoun(more, "more folder")} with checkpoints: name one to see it.` : "";
  return { markdown: (await reportOnEach(found.slice(0, MAX_FOUND), signal)) + rest, buttons };
}

async function reportOnEach(folders: readonly string[], signal: AbortSignal): Promise<string> {
  const reports = await Promise.all(folders.map((folder) => reportOn(folder, signal, folders)));
  return reports.map((report, index) => `**${displayPath(folders[index] ?? "")}**\n\n${report}`).join("\n\n");
}

/** Words of a question about checkpoints that name no folder, even where one is called so. */
const QUESTION_WORDS = /^(?:checkpoints?|ckpts?|models?|best|newest|latest|last|oldest|all|list|whole|which|show)$/i;

/**
 * The paths that a text names: all of it, or those of its words that exist or are written as a path. One word that is no
 * question is a path as well, so that a mistyped folder is told.
 */
async function namedPaths(text: string): Promise<string[]> {
  if (text === "") {
    return [];
  }
  const folder = await chooseWorkspaceFolder();
  if (await exists(resolveInFolder(folder, text))) {
    return [resolveInFolder(folder, text)];
  }
  const words = text.split(/\s+/);
  const isAlone = words.length === 1 && !text.endsWith("?");
  const named = words.map((word) => withoutQuotes(word.replace(/[?!,;]+$/, "")));
  const paths: string[] = [];
  for (const word of named.filter((each) => each !== "" && !QUESTION_WORDS.test(each))) {
    const path = resolveInFolder(folder, word);
    if (isAlone || /[\\/]/.test(word) || (await exists(path))) {
      paths.push(path);
    }
  }
  return [...new Set(paths)];
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function withoutQuotes(text: string): string {
  return text.trim().replace(/^["'`]|["'`]$/g, "");
}
