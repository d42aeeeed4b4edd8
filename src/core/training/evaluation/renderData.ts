import { escapeSentence, inlineCode } from "../../base/markdown.ts";
import type { DataSource, DataSplit } from "../audit/dataUse.ts";
import type { AuditFinding, TrainingAudit } from "../audit/trainingAudit.ts";
import { renderSyntaxErrors } from "./renderSyntaxErrors.ts";

/** A line of a run's log that tells how many examples there were. */
export type SizeLine = { line: number; text: string };

export type DataReport = {
  /** The script and the files of the workspace that it imports. */
  audits: readonly TrainingAudit[];
  /** Where the run printed them: a file, and the line in it from one. */
  sizes?: readonly (SizeLine & { file: string })[];
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
  const sources = rows(({ data }) => data.sources, describeSource);
  const splits = rows(({ data }) => data.splits, describeSplit);
  const suspicions = shownSuspicions(audits);
  const care = audits.flatMap(({ label, care: findings }) => shownFindings(label, findings));
  return [
    `**Data of ${inlineCode(script)}**`,
    ...renderSyntaxErrors(audits),
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
      sizes?.map(({ file, line, text }) => `- ${place(file, line - 1)} ${inlineCode(text)}`) ?? [],
      "Not known: sizes show when it runs. Print `len()` of each part at the start; then they are read from the log.",
    ),
    section(
      "Leakage suspicions",
      suspicions.map(renderSuspicion),
      "None was found in the text. That proves nothing about files, joins and features made elsewhere: look for rows of one person, day or document on both sides of the split, and for columns that are known only after the outcome.",
    ),
    ...(care.length === 0 ? [] : [section("Measuring and repeating", care.map(renderSuspicion), "")]),
  ].join("\n\n");
}

/** `train_test_split` with its shares and parts as code, and whether it is stratified and repeats itself. */
export function describeSplit({ call, sizes, parts, isSeeded, isStratified }: DataSplit): string {
  return [
    inlineCode(call),
    sizes.length === 0 ? "with its default shares" : sizes.map((share) => inlineCode(share)).join(", "),
    parts.length === 0 ? "" : `into ${parts.map((part) => inlineCode(part)).join(", ")}`,
    `(${[isStratified ? "stratified" : "not stratified", isSeeded ? "the same in every run" : "other rows in every run"].join(", ")})`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

/** `load_digits()`, or a call with the file that it reads. */
export function describeSource({ call, source }: DataSource): string {
  return inlineCode(source === undefined ? `${call}()` : `${call}(${source})`);
}

function renderSuspicion({ file, line, message }: Suspicion): string {
  return `- ${place(file, line)} ${escapeSentence(message)}`;
}

export type Suspicion = { file: string; line: number; code: string; severity: string; message: string };

/**
 * What the audits of a script and its modules suspect together: a module need not hold out data that its caller does. What
 * comments silence is among it, since a comment does not decide what an agent may start.
 */
export function findSuspicions(audits: readonly TrainingAudit[]): Suspicion[] {
  return suspicionsIn(audits, () => true);
}

/** The same for a person to read, who has said by comments what is meant. */
export function shownSuspicions(audits: readonly TrainingAudit[]): Suspicion[] {
  return suspicionsIn(audits, ({ isSilenced }) => !isSilenced);
}

function suspicionsIn(audits: readonly TrainingAudit[], isMeant: (finding: AuditFinding) => boolean): Suspicion[] {
  const holdsOut = audits.some((audit) => audit.holdsOut);
  return audits.flatMap(({ label, leakage }) =>
    leakage
      .filter((finding) => isMeant(finding) && (finding.code !== "no-validation" || !holdsOut))
      .map((finding) => toSuspicion(label, finding)),
  );
}

function shownFindings(file: string, findings: readonly AuditFinding[]): Suspicion[] {
  return findings.filter(({ isSilenced }) => !isSilenced).map((finding) => toSuspicion(file, finding));
}

function toSuspicion(file: string, { code, severity, message, range }: AuditFinding): Suspicion {
  return { file, line: range.start.line, code, severity, message };
}

function section(title: string, rows: readonly string[], otherwise: string): string {
  return [`**${title}**`, rows.length === 0 ? otherwise : rows.join("\n")].join("\n\n");
}

function place(file: string, line: number): string {
  return inlineCode(`${file}:${line + 1}`);
}
