import type { FlowTemplateId } from "./flowTemplate.ts";

/** What a sentence asks to scaffold. `missing` names what has to be asked for. */
export type ScaffoldWish = {
  template: FlowTemplateId;
  name?: string;
  folder?: string;
  /** A word that stands where a folder would ("in parallel"); it counts as none, since it names none that exists. */
  noFolder?: string;
  /** The Python file that shall become a flow, which no template reads. */
  script?: string;
  /** It says which steps or parameters the flow is to have, which no template reads either. */
  namesParts?: true;
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

const QUOTES = String.raw`"([^"]+)"|'([^']+)'|\`([^\`]+)\``;

const IN = String.raw`\b(?:in|into|under|inside|below)\s+`;

/** What says by itself that it is a folder: "in "my flows"", "in the folder ml", "in the ml folder". */
const SAID_FOLDER = new RegExp(
  [
    String.raw`${IN}(?:the\s+)?(?:${QUOTES})`,
    String.raw`${IN}(?:(?:the|a|an|my|our|new)\s+)*(?:folder|directory)\s+(?:(?:called|named)\s+)?(?:${QUOTES}|(\S+))`,
    String.raw`${IN}(?:(?:the|my|our)\s+)?(?!(?:an?|the|my|our|new|this|that|same)\s)(\S+)\s+(?:folder|directory)\b`,
  ].join("|"),
  "i",
);

/** A folder only where it looks like a path or exists: "in flows/" and "in parallel" are written alike. */
const POSSIBLE_FOLDER = new RegExp(String.raw`${IN}(?:the\s+)?(\S+)`, "gi");

const BARE_FOLDER = /(?:^|\s)([\w.-]+[/\\]\S*)/;

const NO_FOLDER = /^(?:an?|the|my|our|this|that|\d.*|folder|directory)$/i;

const SCRIPT =
  /\b(?:turn|convert|make|port|migrate|wrap|change|transform|rewrite|from|of|based on|around|using|for|with)\s+(?:(?:the|my|our)\s+)?(?:(?:script|file|notebook)\s+)?["'`]?([\w./\\-]+\.(?:py|ipynb))\b["'`]?(?:\s+(?:into|to|as)\b)?/i;

const NAMES_PARTS = /(?<![\w-]|\d )(?:steps?|parameters?|params?|branch(?:es)?|joins?)(?![\w-])/i;

const QUOTED = new RegExp(QUOTES);

/** Quoted and no folder: a name, in which no word means anything. */
const QUOTED_NAME = new RegExp(String.raw`(?<!${IN}(?:the\s+)?(?:(?:folder|directory)\s+)?)(?:${QUOTES})`, "gi");

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
 * `knownFolders` are those at the top of the workspace.
 */
export function parseScaffoldText(text: string, knownFolders: readonly string[] = []): ScaffoldWish {
  const { rest: withoutScript, script } = takeScript(text.trim().replace(/[.!?]+$/, ""));
  const { rest, folder, noFolder } = takeFolder(withoutScript, knownFolders);
  const { template, words } = templateIn(rest);
  const name = nameIn(rest, words) || moduleOf(script);
  return {
    template,
    ...(name === "" ? {} : { name }),
    ...(folder === undefined ? {} : { folder }),
    ...(noFolder === undefined ? {} : { noFolder }),
    ...(script === undefined ? {} : { script }),
    ...(NAMES_PARTS.test(rest.replaceAll(QUOTED_NAME, " ")) ? { namesParts: true as const } : {}),
    missing: name === "" ? ["name"] : [],
  };
}

/** The text that {@link parseScaffoldText} reads as just this. */
export function renderScaffoldText(wish: { template: FlowTemplateId; name: string; folder?: string }): string {
  return `${wish.template} called "${wish.name}"${wish.folder === undefined ? "" : ` in "${wish.folder}"`}`;
}

function takeScript(text: string): { rest: string; script?: string } {
  const match = SCRIPT.exec(text);
  return match?.[1] === undefined ? { rest: text } : { rest: without(text, match), script: match[1] };
}

function moduleOf(script: string | undefined): string {
  return script?.replace(/^.*[/\\]/, "").replace(/\.(?:py|ipynb)$/, "") ?? "";
}

function takeFolder(
  text: string,
  knownFolders: readonly string[],
): { rest: string; folder?: string; noFolder?: string } {
  const visible = text.replaceAll(QUOTED_NAME, (name) => " ".repeat(name.length));
  const isKnown = (word: string) => knownFolders.includes(word.split(/[/\\]/)[0] ?? "");
  const possible = [...visible.matchAll(POSSIBLE_FOLDER)].filter(({ 1: word = "" }) => !NO_FOLDER.test(word));
  const bare = BARE_FOLDER.exec(visible);
  const match =
    SAID_FOLDER.exec(visible) ??
    possible.find(({ 1: word = "" }) => /[/\\]/.test(word) || isKnown(endless(word))) ??
    (bare !== null && (/[/\\]$/.test(endless(bare[1] ?? "")) || isKnown(bare[1] ?? "")) ? bare : undefined);
  const folder = match?.slice(1).find((group) => group !== undefined);
  if (match === undefined || folder === undefined) {
    const words = possible.map(({ 1: word = "" }) => endless(word));
    // "Into a flow" means no folder, "in flows" may.
    const word = words.find((each) => each === "flows" || !FILLERS.has(each.toLowerCase()));
    return { rest: text, ...(word === undefined ? {} : { noFolder: word }) };
  }
  return { rest: without(text, match), folder: endless(folder).replace(/[/\\]+$/, "") };
}

function endless(word: string): string {
  return word.replace(/[,;]+$/, "");
}

function without(text: string, match: RegExpExecArray): string {
  return `${text.slice(0, match.index)} ${text.slice(match.index + match[0].length)}`;
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
    .join(" ")
    .replace(/(?:^|\s)(?:in|into|under|inside|below)$/i, "");
}
