/** Flows of a size that nobody writes by hand, by what grows in them. */
export function flowText(steps: readonly string[]): string {
  return [
    "from metaflow import FlowSpec, step",
    "",
    "",
    "class LargeFlow(FlowSpec):",
    ...steps,
    "",
    'if __name__ == "__main__":',
    "    LargeFlow()",
    "",
  ].join("\n");
}

function step(name: string, next: readonly string[], parameters = "self"): string {
  const last = next.length === 0 ? "pass" : `self.next(${next.map((each) => `self.${each}`).join(", ")})`;
  return `    @step\n    def ${name}(${parameters}):\n        ${last}\n`;
}

/** Splits and joins that follow one another: the number of paths doubles with each. */
export function stackedDiamonds(count: number): string {
  const names = Array.from({ length: count }, (_, index) => index);
  return flowText([
    step("start", ["split_0"]),
    ...names.flatMap((index) => [
      step(`split_${index}`, [`left_${index}`, `right_${index}`]),
      step(`left_${index}`, [`join_${index}`]),
      step(`right_${index}`, [`join_${index}`]),
      step(`join_${index}`, [index + 1 < count ? `split_${index + 1}` : "end"], "self, inputs"),
    ]),
    step("end", []),
  ]);
}

/** One step behind the other. */
export function longLine(count: number): string {
  const names = ["start", ...Array.from({ length: count - 2 }, (_, index) => `step_${index}`), "end"];
  return flowText(names.map((name, index) => step(name, names.slice(index + 1, index + 2))));
}

/** One split into many branches. */
export function wideSplit(count: number): string {
  const branches = Array.from({ length: count }, (_, index) => `branch_${index}`);
  return flowText([
    step("start", branches),
    ...branches.map((branch) => step(branch, ["join"])),
    step("join", ["end"], "self, inputs"),
    step("end", []),
  ]);
}

/** Splits inside of splits. */
export function nestedSplits(depth: number): string {
  const levels = Array.from({ length: depth }, (_, index) => index);
  return flowText([
    step("start", ["split_0"]),
    ...levels.flatMap((level) => [
      step(`split_${level}`, [level + 1 < depth ? `split_${level + 1}` : "deepest", `side_${level}`]),
      step(`side_${level}`, [`join_${level}`]),
      step(`join_${level}`, [level === 0 ? "end" : `join_${level - 1}`], "self, inputs"),
    ]),
    step("deepest", [`join_${depth - 1}`]),
    step("end", []),
  ]);
}
