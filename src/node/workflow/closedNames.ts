/** Of which each stands in the outermost folder of a Python environment. */
export const MARKS_OF_ENVIRONMENTS = ["pyvenv.cfg", "conda-meta"];

/**
 * Folders that programs fill and that nobody looks at again: packages, caches, and what runs of tests leave. Their contents
 * are no code of the workspace, and since a press of the person to run tests does not cover them, agents write none of it.
 */
export const FILLED_BY_PROGRAMS = [
  "node_modules",
  "site-packages",
  "__pycache__",
  ".pytest_cache",
  ".hypothesis",
  ".benchmarks",
  "htmlcov",
  ".mypy_cache",
  ".ruff_cache",
  ".tox",
  ".nox",
  ".ipynb_checkpoints",
];

const VERSION_CONTROL = [".git", ".gitconfig", ".githooks", ".gitmodules", ".hg", ".husky", ".lefthook"];

const EDITORS = [".vscode", ".idea", ".zed", ".devcontainer", ".devcontainer.json"];

/** Settings, rules and tools of agents, which they obey without being told. */
const OTHER_AGENTS = [
  ".trainyard",
  ".phase0",
  ".mcp.json",
  ".claude",
  "claude.md",
  "claude.local.md",
  ".codex",
  "agents.md",
  "agents.override.md",
  ".gemini",
  "gemini.md",
  ".cursor",
  ".cursorrules",
  ".windsurf",
  ".windsurfrules",
  ".clinerules",
  ".kiro",
  ".roo",
  ".roomodes",
  ".amazonq",
  ".opencode",
];

/** What a server does with the next push. No workflow has agents write it: pipelines are described in documents. */
const SERVERS = [
  ".github",
  ".gitlab",
  ".circleci",
  ".buildkite",
  ".travis.yml",
  "bitbucket-pipelines.yml",
  "bitbucket-pipelines.yaml",
];

/** Environment variables and the places that packages come from, which shells and installers read by themselves. */
const SETTINGS_OF_TOOLS = [".envrc", ".mise", ".npmrc", ".pypirc", "pip.conf", "pip.ini"];

const CLOSED_NAMES = new Set([
  ...VERSION_CONTROL,
  ...EDITORS,
  ...OTHER_AGENTS,
  ...SERVERS,
  ...SETTINGS_OF_TOOLS,
  ...FILLED_BY_PROGRAMS,
  ...MARKS_OF_ENVIRONMENTS,
]);

/** The same where a name has several forms. */
const CLOSED_FORMS = [
  // Settings of a window, and packages as they are installed.
  /\.(?:code-workspace|egg|egg-info|dist-info)$/,
  /^\.vscode-/,
  /^\.?lefthook(?:-local)?\.(?:ya?ml|toml|jsonc?)$/,
  /^\.lefthook-local$/,
  /^(?:\.huskyrc|husky\.config\.)/,
  /^\.pre-commit-config\.ya?ml$/,
  /^\.aider/,
  /^\.?opencode\.jsonc?$/,
  // Examples are read by people and by no program.
  /^\.env(?:\.(?!(?:.*\.)?(?:example|sample|template)$).+)?$/,
  /^\.?mise(?:\..+)?\.toml$/,
  /^\.(?:yarnrc|pnpmfile)(?:\.|$)/,
  /^jenkinsfile(?:\.|$)/,
  /^azure-pipelines?(?:[.-].+)?\.ya?ml$/,
  /^\.(?:gitlab-ci|travis)(?:\..+)?\.ya?ml$/,
];

/**
 * Whether a folder or file of this name is one that an agent of a workflow never writes to, wherever it lies: it decides about
 * the workflow, or other programs run or obey it by themselves. File systems that fold capitals fold more than these: the
 * long s is an s.
 */
export function isClosedName(name: string): boolean {
  const folded = name.normalize("NFKC").toLowerCase();
  return CLOSED_NAMES.has(folded) || CLOSED_FORMS.some((form) => form.test(folded));
}
