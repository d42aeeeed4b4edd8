import type { FlowTemplateId } from "./flowTemplate.ts";

/** What a sentence asks to scaffold. `missing` names what has to be asked for. */
export type ScaffoldWish = {
  template: FlowTemplateId;
  name?: string;
  folder?: string;
  missing: readonly "name"[];
};

/** The words that ask for a template, by its id first; the first row that fits counts. */
const TEMPLATE_WORDS: readonly (readonly [RegExp, FlowTemplateId])[] = [
  [/\b(foreach-sweep|sweeps?|foreach|grids?|searche?s?|hyper-?parameters?|tuning)\b/gi, "foreach-sweep"],
  [/\b(batch[- ]inference|inference|batch[- ]scoring|scoring)\b/gi, "batch-inference"],
  [/\b(re-?train(?:ing|s|ed)?|trigger(?:ed|s)?|champion|challenger)\b/gi, "retraining"],
  [/\b(quality[- ]gate|data[- ]quality|quality|conditional|switch)\b/gi, "quality-gate"],
  [/\b(artifacts?|include-?files?)\b/gi, "artifacts"],
  [/\b(robust|fault[- ]tolerant|retry|catch|timeout)\b/gi, "robust"],
  [/\b(kubernetes|k8s)\b/gi, "kubernetes"],
  [/\b(aws[- ]batch|batch)\b/gi, "batch"],
  [/\b(scheduled?|nightly|daily|cron)\b/gi, "scheduled"],
];

const FOLDER =
  /\b(?:in|into|under|inside|below)\s+(?:the\s+)?(?:folder\s+|directory\s+)?(?:"([^"]+)"|'([^']+)'|`([^`]+)`|(\S+))/i;

const BARE_FOLDER = /(?:^|\s)([\w.-]+[/\\]\S*)/;

const QUOTED = /"([^"]+)"|'([^']+)'|`([^`]+)`/;

const NAMED = /\b(?:called|named|name)[:\s]+(.+)$/i;

// Words that ask for a flow and do not name one.
const FILLERS = new Set(
  `a an the new my me us our please can could you i we want need would like to let's it this that which
   scaffold create make write generate start add build set up give template skeleton
   flow flows metaflow pipeline workflow for of with and over foreach from scratch
   training train foreach-sweep sweep sweeps grid grids search searches hyperparameter hyperparameters hyper-parameter hyper-parameters tuning`.split(
    /\s+/,
  ),
);

/**
 * Reads "scaffold a sweep called churn in flows/" into template, name and folder, without a model. The template is
 * `training` unless the words speak of another; the name is what follows "called", what is quoted, or what is left over.
 */
export function parseScaffoldText(text: string): ScaffoldWish {
  const { rest, folder } = takeFolder(text.trim().replace(/[.!?]+$/, ""));
  const { template, words } = templateIn(rest);
  const name = nameIn(rest, words);
  return {
    template,
    ...(name === "" ? {} : { name }),
    ...(folder === undefined ? {} : { folder }),
    missing: name === "" ? ["name"] : [],
  };
}

function takeFolder(text: string): { rest: string; folder?: string } {
  const match = FOLDER.exec(text) ?? BARE_FOLDER.exec(text);
  const folder = match?.slice(1).find((group) => group !== undefined);
  if (match === null || folder === undefined) {
    return { rest: text };
  }
  const trimmed = folder.replace(/[,;]+$/, "").replace(/[/\\]+$/, "");
  return { rest: `${text.slice(0, match.index)} ${text.slice(match.index + match[0].length)}`, folder: trimmed };
}

/** The template that is asked for outside of the name, and the pattern of its words. */
function templateIn(text: string): { template: FlowTemplateId; words?: RegExp } {
  const request = text.replace(NAMED, "").replace(QUOTED, "");
  const row = TEMPLATE_WORDS.find(([pattern]) => request.search(pattern) !== -1);
  return row ? { template: row[1], words: row[0] } : { template: "training" };
}

function nameIn(text: string, templateWords: RegExp | undefined): string {
  const named = NAMED.exec(text)?.[1] ?? text;
  const quoted = QUOTED.exec(named)
    ?.slice(1)
    .find((group) => group !== undefined);
  if (quoted !== undefined) {
    return quoted.trim();
  }
  // After "called" every word belongs to the name, up to one that begins something else.
  if (named !== text) {
    const words = named.split(/[\s,;:]+/).filter((word) => word !== "");
    const end = words.findIndex((word) => /^(for|with|that|which|and|please)$/i.test(word));
    return words.slice(0, end === -1 ? undefined : end).join(" ");
  }
  const left = templateWords ? text.replaceAll(templateWords, " ") : text;
  return left
    .split(/[\s,;:]+/)
    .filter((word) => word !== "" && !FILLERS.has(word.toLowerCase()))
    .join(" ");
}
