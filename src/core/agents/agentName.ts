import { textHash } from "../base/textHash.ts";
import { builtInAgent } from "./dialect.ts";

/** A name that a new agent may get: it is a file name on every system, and a word in the chat. */
export function isAgentName(name: string): boolean {
  return /^[A-Za-z0-9][\w-]{0,63}$/.test(name);
}

/** Why a new agent cannot be called so, as a sentence; nothing for a good name, and for none that is typed yet. */
export function complainAboutName(name: string, taken: readonly string[]): string | undefined {
  const twin = taken.find((each) => each.toLowerCase() === name.toLowerCase());
  if (twin !== undefined) {
    const why = twin === name ? "" : ", and capital letters tell no two files apart on many systems";
    return `There is an agent called ${twin}${why}. Choose another name.`;
  }
  if (builtInAgent(name) !== undefined) {
    return `VS Code itself has an agent called ${builtInAgent(name)}. Choose another name.`;
  }
  return name === "" || isAgentName(name)
    ? undefined
    : "Use letters, digits and dashes, and begin with a letter or digit.";
}

/** Why a name of an agent file cannot be one, as the end of a sentence; a name with blanks, as VS Code takes it, can. */
export function findNameFlaw(name: string): string | undefined {
  if (/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u.test(name)) {
    return "holds a character that nobody can see";
  }
  if (/[\\/]|^\.+$/.test(name)) {
    return "is a path, and would lead out of the folder of agents";
  }
  return name.length > MAX_NAME_CHARACTERS ? `is longer than ${MAX_NAME_CHARACTERS} characters` : undefined;
}

const MAX_NAME_CHARACTERS = 100;

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
