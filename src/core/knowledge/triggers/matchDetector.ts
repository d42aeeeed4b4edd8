import { type Evidence, firstImports, statementsOf } from "../evidence.ts";
import type { FactSource } from "../fact.ts";
import { globMatches, parseGlob } from "../glob.ts";
import { isFramework, knownName } from "../knownPackages.ts";
import type { Detector } from "./compileTrigger.ts";

/** What a detector found, and where. */
export type TriggerMatch = { found: string; source: FactSource };

/** The first thing in a workspace that a detector looks for. */
export function matchDetector(detector: Detector, evidence: Evidence): TriggerMatch | undefined {
  switch (detector.kind) {
    case "dependency":
      return matchDependency(detector, evidence);
    case "import":
      return matchImport(detector, evidence);
    case "decorator":
      return matchDecorator(detector, evidence);
    case "glob":
      return detector.setsHyperparameters ? matchHyperparameters(detector, evidence) : matchGlob(detector, evidence);
    case "folder":
      break;
  }
  return matchFolder(detector, evidence);
}

/** What is installed or locked came along with something else; a project depends on what it declares. */
function matchDependency({ packages, isAnyFramework }: Extract<Detector, { kind: "dependency" }>, evidence: Evidence) {
  const mention = statementsOf(evidence, "package").find(({ standing, requirement }) => {
    const name = knownName(requirement.name);
    return standing === "declared" && (packages.includes(name) || (isAnyFramework && isFramework(name)));
  });
  return mention && { found: `${mention.requirement.name} in dependencies`, source: mention.source };
}

function matchImport({ modules }: Extract<Detector, { kind: "import" }>, evidence: Evidence): TriggerMatch | undefined {
  const found = [...firstImports(evidence)].find(([module]) => modules.includes(module.toLowerCase()));
  return found && { found: `imports ${found[0]}`, source: found[1] };
}

function matchDecorator(
  { name, isOnFlow }: Extract<Detector, { kind: "decorator" }>,
  evidence: Evidence,
): TriggerMatch | undefined {
  const flows = isOnFlow ? new Set(statementsOf(evidence, "flow").map(({ source }) => source.path)) : undefined;
  const found = statementsOf(evidence, "decorator").find(
    (decorator) => decorator.name === name && (flows === undefined || flows.has(decorator.source.path)),
  );
  return found && { found: `uses @${name}`, source: found.source };
}

function matchHyperparameters(
  { globs }: Extract<Detector, { kind: "glob" }>,
  evidence: Evidence,
): TriggerMatch | undefined {
  const matches = pathMatcher(globs);
  const found = statementsOf(evidence, "configuration").find(
    ({ of, source }) => of === "hyperparameters" && matches(source.path),
  );
  return found && { found: `${found.source.path} sets hyperparameters`, source: found.source };
}

function matchGlob({ globs }: Extract<Detector, { kind: "glob" }>, { layout }: Evidence): TriggerMatch | undefined {
  const matches = pathMatcher(globs);
  const path = layout.files.find(matches);
  return path === undefined ? undefined : { found: `${path} exists`, source: { path } };
}

function matchFolder(
  { names, module }: Extract<Detector, { kind: "folder" }>,
  evidence: Evidence,
): TriggerMatch | undefined {
  const folders = evidence.layout.folders.filter((folder) =>
    names.some((name) => folder === name || folder.endsWith(`/${name}`)),
  );
  if (module === undefined) {
    const [path] = folders;
    return path === undefined ? undefined : { found: `${path}/ exists`, source: { path } };
  }
  for (const [path, { statements }] of evidence.readings) {
    const found = folders.some((folder) => path.startsWith(`${folder}/`))
      ? statements.find((statement) => statement.kind === "import" && statement.module.toLowerCase() === module)
      : undefined;
    if (found !== undefined) {
      return { found: `${path} imports ${module}`, source: { path, line: found.line } };
    }
  }
  return undefined;
}

/** Whether a path matches one of the globs; one without a slash matches names in every folder. */
function pathMatcher(globs: readonly string[]): (path: string) => boolean {
  const parsed = globs
    .map((glob) => parseGlob(glob.includes("/") ? glob.replace(/^\.\//, "") : `**/${glob}`))
    .filter((glob) => glob !== undefined);
  return (path) => {
    const names = path.split("/");
    return parsed.some((glob) => globMatches(glob, names));
  };
}
