import { literalText, moduleConstants, readConstant } from "../base/pythonLiteral.ts";
import { callsIn, type PythonParser } from "../base/pythonSyntax.ts";
import { packageFacts, parseRequirement, pythonFact } from "./packageFacts.ts";
import type { TextFile, WorkspaceFact } from "./workspaceFacts.ts";

export function isSetupPy(path: string): boolean {
  return /(?:^|\/)setup\.py$/.test(path);
}

/** `install_requires` and `python_requires` of `setup(…)` where they are written out; what is computed stays unknown. */
export function readSetupPy({ path, text }: TextFile, parser: PythonParser): WorkspaceFact[] {
  return parser.read(text, (root) => {
    const setup = callsIn(root).find((call) => call.method === "setup");
    const constants = moduleConstants(root);
    const requires = readConstant(setup?.keywords.get("install_requires"), constants);
    const python = literalText(readConstant(setup?.keywords.get("python_requires"), constants));
    const items = requires?.kind === "sequence" ? requires.items : [];
    const mentions = items.flatMap((item) => parseRequirement(literalText(item) ?? "", setup?.line) ?? []);
    return [...packageFacts(mentions, path), ...(python ? [pythonFact(python, path, setup?.line)] : [])];
  });
}
