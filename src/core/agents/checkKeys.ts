import { closestName } from "../base/closestName.ts";
import type { AgentFix } from "./agentDefinition.ts";
import { AGENT_KEYS, HANDOFF_KEYS, isKeyOf, type KeyForm, keysOf, otherHostOf } from "./agentKeys.ts";
import type { AgentDialect } from "./dialect.ts";
import { describe, type FieldReader, plain, replacement } from "./fieldReader.ts";

/** Keys that nothing reads in a file of that kind: misspelled ones, those of another host, and all others. */
export function checkKeys(reader: FieldReader, dialect: AgentDialect): void {
  const known = keysOf(dialect).map(({ key }) => key);
  for (const key of Object.keys(reader.data).filter((each) => !isKeyOf(each, dialect))) {
    const range = reader.rangeOfKey([key]);
    const host = otherHostOf(key, dialect);
    const meant = host === undefined ? closestName(key, known) : undefined;
    if (meant !== undefined && reader.data[meant] === undefined) {
      const message = `\`${key}\` is not a key that anything reads. Write \`${meant}\` if that is what you mean.`;
      reader.report("unknown-key", "warning", { message, range, fix: replacement(range, meant) });
    } else {
      const message =
        host === undefined
          ? `\`${key}\` is not a key that anything reads. It is kept, and changes nothing.`
          : `Only ${host} reads \`${key}\`, and ${dialect === "claude" ? "not in" : "only in"} files of \`.claude/agents\`. It is kept, and changes nothing.`;
      reader.report("unknown-key", "information", { message, range });
    }
  }
}

/** Keys of one handoff that nothing reads; `target` is an older word for `agent`. */
export function checkHandoffKeys(
  reader: FieldReader,
  fields: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
): void {
  const known = HANDOFF_KEYS.map(({ key }) => key);
  for (const key of Object.keys(fields).filter((each) => !known.includes(each) && each !== "target")) {
    const range = reader.rangeOfKey([...path, key]);
    const meant = closestName(key, known);
    if (meant !== undefined && fields[meant] === undefined) {
      const message = `\`${key}\` is not a key of a handoff. Write \`${meant}\` if that is what you mean.`;
      reader.report("unknown-key", "warning", { message, range, fix: replacement(range, meant) });
    } else {
      const message = `\`${key}\` is not a key of a handoff. It is kept, and changes nothing.`;
      reader.report("unknown-key", "information", { message, range });
    }
  }
}

/** Values that their reader passes over: a text in place of true or false, a word that is none of the choices. */
export function checkValues(reader: FieldReader, dialect: AgentDialect): void {
  for (const { key, form } of AGENT_KEYS) {
    if (form !== undefined && isKeyOf(key, dialect)) {
      checkValue(reader, [key], { value: reader.data[key], form });
    }
  }
}

/** The same for the keys of one handoff that have no field of ours. */
export function checkHandoffValues(
  reader: FieldReader,
  fields: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
): void {
  for (const { key, form } of HANDOFF_KEYS) {
    if (form !== undefined) {
      checkValue(reader, [...path, key], { value: fields[key], form });
    }
  }
}

function checkValue(
  reader: FieldReader,
  path: readonly (string | number)[],
  { value, form }: { value: unknown; form: KeyForm },
): void {
  if (value === undefined || value === null || isOfForm(value, form)) {
    return;
  }
  const range = reader.rangeOf(path);
  const meant = whatIsMeant(value, form);
  const isOpen = Array.isArray(form) && typeof value === "string" && meant === undefined;
  const message = isOpen
    ? `\`${path.at(-1)}: ${plain(value)}\` is not known here. Known are ${form.map((word) => `\`${word}\``).join(", ")}.`
    : `\`${path.at(-1)}\` must be ${expected(form)}, not ${describe(value)}.${meant === undefined ? "" : ` Write \`${meant}\`.`}`;
  const fix: { fix?: AgentFix } = meant === undefined ? {} : { fix: replacement(range, meant) };
  // A newer version of its reader may know more words than are listed here.
  reader.report("invalid-value", isOpen ? "information" : "warning", { message, range, ...fix });
}

function isOfForm(value: unknown, form: KeyForm): boolean {
  switch (form) {
    case "flag":
      return typeof value === "boolean";
    case "count":
      return typeof value === "number" && Number.isInteger(value) && value > 0;
    case "text":
      return typeof value === "string";
    default:
      return typeof value === "string" && form.includes(value);
  }
}

/** What to write instead, where only one thing can have been meant. */
export function whatIsMeant(value: unknown, form: KeyForm): string | undefined {
  const written = plain(value).trim().toLowerCase();
  switch (form) {
    case "flag":
      return FLAGS.get(written);
    case "count":
      return typeof value === "string" && /^[1-9]\d{0,5}$/.test(written) ? written : undefined;
    case "text":
      return undefined;
    default:
      return form.find((word) => word.toLowerCase() === written) ?? closestName(written, form);
  }
}

/** What other languages and older YAML write for true and false. */
const FLAGS: ReadonlyMap<string, string> = new Map([
  ...["true", "yes", "on"].map((word) => [word, "true"] as const),
  ...["false", "no", "off"].map((word) => [word, "false"] as const),
]);

function expected(form: KeyForm): string {
  switch (form) {
    case "flag":
      return "true or false";
    case "count":
      return "a whole number above zero";
    case "text":
      return "a text";
    default:
      return `one of ${form.map((word) => `\`${word}\``).join(", ")}`;
  }
}
