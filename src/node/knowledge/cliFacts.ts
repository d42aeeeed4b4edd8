import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UserError } from "../../core/base/errors.ts";
import { plainText } from "../../core/base/markdown.ts";
import { type PlaceholderSettings, readEditorSettings } from "../../core/knowledge/factOverrides.ts";
import { isSerious, renderFactsMarkdown } from "../../core/knowledge/renderFacts.ts";
import { printedJson } from "../base/cliJson.ts";
import { type CliVerb, JSON_OPTION, UsageError } from "../base/cliVerb.ts";
import { VERB_TEXTS } from "../base/verbTexts.ts";
import { FactIndex } from "./factIndex.ts";
import { readFileText } from "./fileText.ts";

export const factsVerb: CliVerb = {
  ...VERB_TEXTS.facts,
  options: {
    json: JSON_OPTION,
  },
  async run({ root, words, options, host }) {
    const [word = ".", ...others] = words;
    if (others.length > 0) {
      throw new UsageError("Only one folder is expected.");
    }
    const folder = resolve(root, word);
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
      throw new UserError(`${folder} is no folder. Name the folder of a project.`);
    }
    const index = new FactIndex(folder);
    await index.scan();
    const facts = index.facts(settingsOf(folder));
    host.print(
      options["json"] === true
        ? printedJson({ folder, ...facts })
        : plainText(renderFactsMarkdown(facts, "terminal").markdown).trimEnd(),
    );
    return [...facts.problems, ...facts.conflicts].some(isSerious) ? 1 : 0;
  },
};

/** The settings of the folder, which the editor would read; those of the user are in the editor's own folders. */
function settingsOf(folder: string): PlaceholderSettings {
  const file = readFileText(join(folder, ".vscode/settings.json"), 1_000_000);
  return file.kind === "text" ? readEditorSettings({ text: file.text }) : {};
}
