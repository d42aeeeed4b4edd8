import { textHash } from "../base/textHash.ts";

/** A name that a new agent may get: it is a file name on every system, and a word in the chat. */
export function isAgentName(name: string): boolean {
  return /^[A-Za-z0-9][\w-]{0,63}$/.test(name);
}

/** Stays as it is; capital letters are left out, since some file systems do not tell them from small ones. */
const FILE_NAME = /^[a-z\d][a-z\d_-]{0,63}$/;

/** A file name of its own for any agent: its name, or the letters of it that every file system takes and a hash. */
export function agentFileStem(name: string): string {
  if (FILE_NAME.test(name)) {
    return name;
  }
  const readable = (name.toLowerCase().match(/[a-z\d]+/g) ?? []).join("-").slice(0, 40);
  return `${readable === "" ? "agent" : readable}-${textHash(name)}`;
}
