import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { MAX_HEAD_BYTES, parseSkill, type Skill } from "../../core/workflow/skill.ts";
import { errorCode } from "../base/fileErrors.ts";
import { isReallyInside } from "../base/workspacePath.ts";

/** Where workspaces keep skills: that of VS Code and GitHub, and that of Claude Code. */
const FOLDERS = [".github/skills", ".claude/skills"];
/** More would crowd out the task itself. */
const MAX_SKILLS = 60;
const MAX_SKILL_BYTES = 200_000;

/** The skills of a workspace, by their paths. What is no skill, too long or outside of the workspace is passed over. */
export async function readSkills(workspaceFolder: string): Promise<Skill[]> {
  const paths = await Promise.all(
    FOLDERS.map(async (folder) =>
      (await namesIn(join(workspaceFolder, folder))).map((name) => `${folder}/${name}/SKILL.md`),
    ),
  );
  const skills = await Promise.all(
    paths
      .flat()
      .slice(0, MAX_SKILLS)
      .map((path) => readSkill(workspaceFolder, path)),
  );
  return skills.flatMap((skill) => skill ?? []);
}

async function readSkill(workspaceFolder: string, path: string): Promise<Skill | undefined> {
  const file = join(workspaceFolder, path);
  try {
    return (await isReallyInside(workspaceFolder, file)) ? parseSkill((await readHead(file)) ?? "", path) : undefined;
  } catch (error) {
    if (isAbsence(error)) {
      return undefined;
    }
    throw error;
  }
}

/** The beginning of a file, with what a skill says about itself; undefined for one that is too long for a skill. */
async function readHead(path: string): Promise<string | undefined> {
  const status = await stat(path);
  if (!status.isFile() || status.size > MAX_SKILL_BYTES) {
    return undefined;
  }
  await using file = await open(path);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_HEAD_BYTES), 0, MAX_HEAD_BYTES, 0);
  return buffer.toString("utf8", 0, bytesRead);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (isAbsence(error)) {
      return [];
    }
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EACCES", "EISDIR", "ENAMETOOLONG"].includes(errorCode(error) ?? "");
}
