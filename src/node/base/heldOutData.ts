import { UserError } from "../../core/base/errors.ts";
import { pythonReader } from "./pythonReader.ts";

/** Refuses to write code that trains a model and leaves nothing to judge it by, from whatever template it came. */
export async function requireHeldOutData(text: string, label: string): Promise<void> {
  const { leakage } = await pythonReader().read("trainingAudit", { text, label });
  const found = leakage.find(({ code }) => code === "no-validation" || code === "train-on-test-data");
  if (found) {
    throw new UserError(
      `${label} was not written: line ${found.range.start.line + 1} breaks the rule never to train without held-out data. ${found.message}`,
    );
  }
}
