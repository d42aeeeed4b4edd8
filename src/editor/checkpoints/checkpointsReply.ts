import { stat } from "node:fs/promises";
import type { Reply } from "../../core/chat/reply.ts";
import type { SlashCommand } from "../../core/chat/slashCommand.ts";
import { findWish } from "../../core/chat/wishes.ts";
import { chooseWorkspaceFolder, displayPath, resolveInFolder } from "../base/workspace.ts";
import { type CheckpointDeps, reportOn } from "./checkpointCommands.ts";

type KnownFolders = Pick<CheckpointDeps, "watched" | "runFolders">;

/** `@ml-trainer /checkpoints [path or question]`. */
export function checkpointsSlashCommand(deps: KnownFolders): SlashCommand {
  return {
    participant: "ml-trainer",
    name: "checkpoints",
    description: "list checkpoints: which are whole, which is best",
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
  { watched, runFolders }: KnownFolders,
  signal: AbortSignal,
): Promise<Reply> {
  const [only] = paths;
  if (only !== undefined && paths.length === 1) {
    return { markdown: await reportOn(only, signal) };
  }
  const folders = paths.length > 0 ? paths : [...new Set([...(await runFolders()), ...watched.named()])];
  if (folders.length === 0) {
    return {
      markdown: "No checkpoint folder is known yet: it becomes known with the first run, or when you watch one.",
      offersHandoffs: false,
      buttons: [{ title: "Watch a Folder…", command: "trainyard.watchCheckpoints" }],
    };
  }
  const reports = await Promise.all(folders.map((folder) => reportOn(folder, signal)));
  return {
    markdown: reports.map((report, index) => `**${displayPath(folders[index] ?? "")}**\n\n${report}`).join("\n\n"),
  };
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
