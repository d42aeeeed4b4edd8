import { escapeSentence, inlineCode } from "../../base/markdown.ts";
import type { TrainingAudit } from "../audit/trainingAudit.ts";

/** A line of a run's log that tells how many examples there were. */
export type SizeLine = { line: number; text: string };

export type DataReport = {
  /** The script and the files of the workspace that it imports. */
  audits: readonly TrainingAudit[];
  sizes?: { log: string; lines: readonly SizeLine[] };
};

/** `1257 train`, `train: 60,000 samples`, `Found 2000 images`. */
const SIZES =
  /\b\d[\d,_]*\s+(?:train|training|val|valid|validation|test|dev|samples|examples|images|rows|sequences)\b|\b(?:train|val|valid|validation|test|samples|examples|rows)\w*\s*[:=]\s*\d[\d,_]*(?![\d.])/i;

export function namesSizes(text: string): boolean {
  return text.length < 400 && SIZES.test(text) && !/\bepoch\b|\bloss\b|\bstep\b|batch[_ ]?size|[\d.]+it\/s/i.test(text);
}

/** The answer to "what about the data": what is loaded, how it is split, and what looks like leakage, with lines. */
export function renderDataReport(script: string, { audits, sizes }: DataReport): string {
  const rows = <Row extends { line: number }>(
    of: (audit: TrainingAudit) => readonly Row[],
    show: (row: Row) => string,
  ): string[] => audits.flatMap((audit) => of(audit).map((row) => `- ${place(audit.label, row.line)} ${show(row)}`));
  const sources = rows(
    ({ data }) => data.sources,
    ({ call, source }) => inlineCode(source === undefined ? `${call}()` : `${call}(${source})`),
  );
  const splits = rows(
    ({ data }) => data.splits,
    ({ call, sizes: shares, parts, isSeeded, isStratified }) =>
      [
        inlineCode(call),
        shares.length === 0 ? "with its default shares" : shares.map((share) => inlineCode(share)).join(", "),
        parts.length === 0 ? "" : `into ${parts.map((part) => inlineCode(part)).join(", ")}`,
        `(${[isStratified ? "stratified" : "not stratified", isSeeded ? "the same in every run" : "other rows in every run"].join(", ")})`,
      ]
        .filter((part) => part !== "")
        .join(" "),
  );
  const suspicions = findSuspicions(audits);
  return [
    `**Data of ${inlineCode(script)}**`,
    section(
      "Loads",
      sources,
      "No call that reads data was recognised. Data may come through an argument or a module that is not in this workspace.",
    ),
    section(
      "Splits",
      splits,
      "No split is made in this code. If the data come split, say where in a comment; else split off a validation part.",
    ),
    section(
      "Sizes",
      sizes?.lines.map(({ line, text }) => `- ${place(sizes.log, line - 1)} ${inlineCode(text)}`) ?? [],
      "Not known: sizes show when it runs. Print `len()` of each part at the start; then they are read from the log.",
    ),
    section(
      "Leakage suspicions",
      suspicions.map(({ file, line, message }) => `- ${place(file, line)} ${escapeSentence(message)}`),
      "None was found in the text. That proves nothing about files, joins and features made elsewhere: look for rows of one person, day or document on both sides of the split, and for columns that are known only after the outcome.",
    ),
  ].join("\n\n");
}

export type Suspicion = { file: string; line: number; code: string; severity: string; message: string };

/** What the audits of a script and its modules suspect together: a module need not hold out data that its caller does. */
export function findSuspicions(audits: readonly TrainingAudit[]): Suspicion[] {
  const holdsOut = audits.some((audit) => audit.holdsOut);
  return audits.flatMap(({ label, leakage }) =>
    leakage
      .filter(({ code }) => code !== "no-validation" || !holdsOut)
      .map(({ code, severity, message, range }) => ({ file: label, line: range.start.line, code, severity, message })),
  );
}

function section(title: string, rows: readonly string[], otherwise: string): string {
  return [`**${title}**`, rows.length === 0 ? otherwise : rows.join("\n")].join("\n\n");
}

function place(file: string, line: number): string {
  return inlineCode(`${file}:${line + 1}`);
}
