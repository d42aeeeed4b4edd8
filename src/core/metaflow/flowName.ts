import { UserError } from "../base/errors.ts";
import { nameWords } from "../base/nameWords.ts";

/** A flow's name in its two spellings, without the ending "flow" in `title`. */
export type FlowName = {
  /** "churn training" */
  title: string;
  /** "ChurnTrainingFlow": the Python class, and the name under which Metaflow keeps the runs. */
  className: string;
  /** "churn_training_flow": the Python module, so the file's name without its ending. */
  moduleName: string;
};

export type ParsedFlowName = { kind: "name"; name: FlowName } | { kind: "refused"; reason: string };

// Metaflow uses the class name as a folder; 255 bytes is the usual limit of one, and half a line is readable.
const MAX_NAME_LENGTH = 60;

/**
 * The names of a flow from what a person typed: "churn training", "churn-training", "ChurnTrainingFlow" and
 * "churn_training_flow.py" all mean the class ChurnTrainingFlow. Refuses what cannot become a Python identifier.
 */
export function parseFlowName(text: string): ParsedFlowName {
  const typed = text.trim().replace(/\.py$/i, "");
  const example = 'for example "churn training"';
  if (typed === "") {
    return refuse(`A flow needs a name, ${example}.`);
  }
  const strange = /[^A-Za-z0-9_\s-]/u.exec(typed)?.[0];
  if (strange !== undefined) {
    return refuse(
      `"${typed}" cannot name a flow because of "${strange}". Use the letters a to z, digits and blanks, ${example}.`,
    );
  }
  const words = nameWords(typed);
  if (words.length > 1 && words.at(-1) === "flow") {
    words.pop();
  }
  const first = words[0];
  if (first === undefined || (words.length === 1 && first === "flow")) {
    return refuse(`"${typed}" does not say what the flow does. Name its purpose, ${example}.`);
  }
  if (!/^[a-z]/.test(first)) {
    return refuse(`"${typed}" begins with a digit, and a Python name must not. Begin with a letter, ${example}.`);
  }
  const title = words.join(" ");
  if (title.length > MAX_NAME_LENGTH) {
    return refuse(`A flow's name has at most ${MAX_NAME_LENGTH} characters; this one has ${title.length}.`);
  }
  const className = `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}Flow`;
  return { kind: "name", name: { title, className, moduleName: `${words.join("_")}_flow` } };
}

/** Like {@link parseFlowName}; throws the reason as a UserError. */
export function requireFlowName(text: string): FlowName {
  const parsed = parseFlowName(text);
  if (parsed.kind === "refused") {
    throw new UserError(parsed.reason);
  }
  return parsed.name;
}

function refuse(reason: string): ParsedFlowName {
  return { kind: "refused", reason };
}
