import { isScalar, isSeq } from "yaml";
import { closestName } from "../base/closestName.ts";
import { FACTS_FILE, type Fact, isPlaceholder, PLACEHOLDERS, type Placeholder } from "./fact.ts";
import { type Reading, ReadingBuilder, type TextFile } from "./manifests/reading.ts";
import { readJsonWithComments, readYaml } from "./manifests/yamlFile.ts";

/** The values of the settings `trainyard.facts.*`; empty ones are not set. */
export type PlaceholderSettings = Readonly<Partial<Record<Placeholder, string>>>;

/** `train_command: make train`, or a list of values; what cannot be used is a problem. */
export function readFactsFile({ text }: Pick<TextFile, "text">): { facts: Fact[]; problems: Reading["problems"] } {
  const reading = new ReadingBuilder();
  const { root, lineOf } = readYaml(text, reading);
  const facts: Fact[] = [];
  for (const { key, value } of root?.items ?? []) {
    const name = isScalar(key) ? String(key.value) : "";
    const line = lineOf(key);
    if (!isPlaceholder(name)) {
      const meant = closestName(name, PLACEHOLDERS);
      const advice = meant === undefined ? `Write one of ${PLACEHOLDERS.join(", ")}.` : `Did you mean \`${meant}\`?`;
      reading.report("unknown-fact", line, `\`${name}\` is no fact that can be set. ${advice}`);
      continue;
    }
    const written = (isSeq(value) ? value.items : [value]).flatMap((item) => {
      const own = isScalar(item) ? (item.source ?? "").trim() : "";
      return own === "" || own === "null" || own === "~" ? [] : [{ own, line: lineOf(item) }];
    });
    if (written.length === 0) {
      reading.report("empty-fact", line, `\`${name}\` needs a text or a list of texts.`);
    }
    for (const item of written) {
      const source = { path: FACTS_FILE, line: item.line };
      facts.push({ key: name, value: item.own, why: "set by a person", source, confidence: "set" });
    }
  }
  return { facts, problems: reading.problems };
}

/** The settings `trainyard.facts.*` of a `settings.json`. What else is in it, and what is wrong with it, is the editor's. */
export function readEditorSettings({ text }: Pick<TextFile, "text">): PlaceholderSettings {
  const { root } = readJsonWithComments(text, new ReadingBuilder());
  return Object.fromEntries(
    PLACEHOLDERS.flatMap((key) => {
      const value = root?.get(`trainyard.facts.${key}`);
      return typeof value === "string" ? [[key, value]] : [];
    }),
  );
}

/** Facts from the settings of the editor. */
export function settingFacts(settings: PlaceholderSettings): Fact[] {
  return PLACEHOLDERS.flatMap((key): Fact[] => {
    const value = settings[key]?.trim() ?? "";
    return value === "" ? [] : [{ key, value, why: `set in \`trainyard.facts.${key}\``, confidence: "set" }];
  });
}
