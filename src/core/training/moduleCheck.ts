import type { PythonImport } from "../base/pythonImports.ts";

/** What one interpreter said about itself; nothing of the workspace was imported for it. */
export type InterpreterProbe = {
  version: string;
  /** What it calls itself; behind a shim of pyenv the Python that was chosen. */
  executable?: string;
  /** Top-level modules it cannot find. */
  missing: readonly string[];
  /** Installed PyTorch, with its build: `2.13.0+cpu`. */
  torchVersion?: string;
};

/** An import that the script cannot start without, by its top-level module. */
export type RequiredModule = { module: string; line: number };

/** The modules of the unconditional imports of a script that are not its own neighbours. */
export function requiredModules(
  imports: readonly PythonImport[],
  isLocal: (module: string) => boolean,
): RequiredModule[] {
  const required = new Map<string, number>();
  for (const { module, line, isUnconditional } of imports) {
    const [top = ""] = module.split(".");
    if (isUnconditional && top !== "" && top !== "__future__" && !required.has(top) && !isLocal(top)) {
      required.set(top, line);
    }
  }
  return [...required].map(([module, line]) => ({ module, line }));
}

/** "`train.py` imports `torch` (line 3), which … does not have. Install it: …" */
export function missingModuleWarning(
  missing: readonly RequiredModule[],
  where: { scriptLabel: string; environment: string; python: string },
): string[] {
  const [first] = missing;
  if (!first) {
    return [];
  }
  const named = missing.map(({ module, line }) => `\`${module}\` (line ${line + 1})`);
  const listed = named.length === 1 ? named[0] : `${named.slice(0, -1).join(", ")} and ${named.at(-1)}`;
  const packages = [...new Set(missing.map(({ module }) => packageToInstall(module)))].join(" ");
  const them = missing.length === 1 ? "it" : "them";
  return [
    `\`${where.scriptLabel}\` imports ${listed}, which ${where.environment} does not have. Install ${them}: \`${where.python} -m pip install ${packages}\`.`,
  ];
}

/** The name under which the package of a top-level module is installed. */
export function packageToInstall(module: string): string {
  return Object.hasOwn(PACKAGES, module) ? (PACKAGES[module] ?? module) : module;
}

/** Packages whose name on the index is not the name that is imported. */
const PACKAGES: Readonly<Record<string, string>> = {
  sklearn: "scikit-learn",
  cv2: "opencv-python",
  PIL: "pillow",
  yaml: "pyyaml",
  skimage: "scikit-image",
  hydra: "hydra-core",
  pytorch_lightning: "pytorch-lightning",
  dotenv: "python-dotenv",
  attr: "attrs",
  bs4: "beautifulsoup4",
  dateutil: "python-dateutil",
  google: "protobuf",
  tensorboardX: "tensorboardX",
  sentence_transformers: "sentence-transformers",
};
