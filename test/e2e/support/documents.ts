import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What a template leaves behind where nothing was filled in. */
const RAW = /\{phase\d|\$ARGUMENTS|\$\{|\bundefined\b|\bNaN\b|\[object |\bnull\b/;

/** A heading with nothing below it: the end, or another heading that is no deeper. */
function emptySections(text: string): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.filter((line, index) => {
    const next = lines[index + 1];
    return depthOf(line) > 0 && (next === undefined || (depthOf(next) > 0 && depthOf(next) <= depthOf(line)));
  });
}

/** Of a heading; 0 of any other line. */
function depthOf(line: string): number {
  return /^(#+) /.exec(line)?.[1]?.length ?? 0;
}

/** Whether the documents of a workflow are all there, with a title each, nothing raw and no empty section. */
export async function assertWholeDocuments(folder: string, count: number): Promise<void> {
  const documents = await readdir(join(folder, "documents"));
  assert.equal(documents.length, count);
  const deliverables = await readdir(join(folder, "deliverables")).catch(() => []);
  const paths = [
    ...documents.map((name) => join(folder, "documents", name)),
    ...deliverables.filter((name) => name.endsWith(".md")).map((name) => join(folder, "deliverables", name)),
  ];
  for (const path of paths) {
    const text = await readFile(path, "utf8");
    assert.match(text, /^# \S/, path);
    assert.doesNotMatch(text, RAW, path);
    assert.deepEqual(emptySections(text), [], path);
  }
}
