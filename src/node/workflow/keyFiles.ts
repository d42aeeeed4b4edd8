import type { OutputProblem } from "../../core/workflow/outputProblems.ts";
import type { TaskOutput } from "../../core/workflow/taskOutput.ts";
import type { TaskDefinition } from "../../core/workflow/workflowDefinition.ts";
import { resolveInsideWorkspace, workspaceRelative } from "../base/workspacePath.ts";
import { walkWorkspace } from "../base/workspaceWalk.ts";
import type { EvidencePorts } from "./measureProof.ts";
import { namedFiles } from "./namedFiles.ts";

/**
 * What is wrong with the key files of an answer: too few, too many, or one that it
 * has not read. The files themselves are there, which `checkNamedFiles` has looked at.
 */
export async function checkKeyFiles(
  { workspaceFolder }: EvidencePorts,
  { agent, output: { keyFiles } }: TaskDefinition,
  answer: { output: TaskOutput; read: readonly string[] },
): Promise<OutputProblem[]> {
  if (keyFiles === undefined || answer.output.kind !== "notes") {
    return [];
  }
  const { atLeast, atMost } = keyFiles;
  const named = await pathsOf(workspaceFolder, namedFiles(answer.output));
  const read = await pathsOf(workspaceFolder, answer.read);
  const { files } = await walkWorkspace(workspaceFolder, { limits: { maxFiles: atLeast } });
  const wanted = Math.min(atLeast, files.length);
  return [
    ...(named.size < wanted
      ? [
          {
            says: `it names ${named.size} key files where ${wanted} are asked for`,
            toAgent: `Name at least ${wanted} key files, and not ${named.size}.`,
          },
        ]
      : []),
    ...(named.size > atMost
      ? [
          {
            says: `it names ${named.size} key files where at most ${atMost} are asked for`,
            toAgent: `Name at most ${atMost} key files, and not ${named.size}.`,
          },
        ]
      : []),
    ...[...named]
      .filter((path) => !read.has(path))
      .map((path) => ({
        says: `it names ${path}, which ${agent} has not read`,
        toAgent: `You have not read ${path}. Read it with \`read_file\`, or do not name it.`,
      })),
  ];
}

/** One file may be written in several ways. */
async function pathsOf(workspaceFolder: string, paths: readonly string[]): Promise<Set<string>> {
  const resolved = await Promise.all(paths.map((path) => resolveInsideWorkspace(workspaceFolder, path, "read")));
  return new Set(resolved.map((path) => workspaceRelative(workspaceFolder, path)));
}
