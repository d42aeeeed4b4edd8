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

type Kind = { names: readonly string[]; forms?: readonly RegExp[] };

const words = (text: string) => text.trim().split(/\s+/);

/** What runs with the next command of git or another version control, or decides where that fetches from. */
const VERSION_CONTROL: Kind = {
  names: words(`
    .git .gitconfig .githooks .gitmodules .lfsconfig .hg .hgrc .svn .bzr .jj .sl
    .husky .lefthook .overcommit.yml .pre-commit-hooks.yaml captainhook.json
  `),
  forms: [
    /^\.?lefthook(?:-local)?\.(?:ya?ml|toml|jsonc?)$/,
    /^\.lefthook-local$/,
    /^(?:\.huskyrc|husky\.config\.)/,
    /^\.pre-commit-config\.ya?ml$/,
    /^\.?(?:simple-git-hooks|lintstagedrc|lint-staged\.config|commitlintrc|commitlint\.config)(?:\.|$)/,
  ],
};

/** What an editor, or a machine that is made for one, reads as a folder is opened. */
const EDITORS: Kind = {
  names: words(`
    .vscode .vs .idea .fleet .zed .nova .helix .lapce .settings .project .theia
    .devcontainer .devcontainer.json devfile.yaml .devfile.yaml .gitpod.yml .gitpod.dockerfile .idx .replit replit.nix .codesandbox
    .vim .vimrc _vimrc .gvimrc .lvimrc .local.vimrc .exrc .nvimrc .nvim.lua .ycm_extra_conf.py
    .emacs .emacs.d .dir-locals.el .dir-locals-2.el
  `),
  // Settings of a window; the servers of VS Code keep what they fetch in such folders.
  forms: [/\.code-workspace$/, /^\.vscode-/, /\.sublime-(?:project|workspace)$/],
};

/**
 * Settings of checkers that run code of their own, which editors start with each file that is opened. `pyproject.toml`,
 * `setup.cfg` and `tox.ini` can name plugins of the same checkers and are open all the same: they say what the project needs
 * and how it is built and tested, which is the work of these agents, and what they write there is shown to the person.
 */
const CHECKERS: Kind = {
  names: words("mypy.ini .mypy.ini .flake8"),
  forms: [
    /^\.?pylintrc(?:\.|$)/,
    /^(?:\.(?:eslint|prettier|stylelint)rc|(?:eslint|prettier|stylelint)\.config)(?:\.|$)/,
  ],
};

/** Settings, rules and tools of agents, which they obey without being told. */
const OTHER_AGENTS: Kind = {
  names: words(`
    .trainyard .phase0
    agent.md agents.md agents.override.md .agent .agents .rules .mcp.json mcp.json .copilot copilot-instructions.md
    claude.md claude.local.md .claude .claude.json .claude-plugin
    .codex .gemini gemini.md gemini-extension.json .qwen qwen.md .crush .crush.json crush.json crush.md
    .cursor .cursorrules .windsurf .windsurfrules .codeium .cline .clinerules .roo .roomodes
    .kilocode .kilocodemodes .kiro .amazonq .opencode .goose .goosehints
    .continue .continuerules .continuerc.json .junie .aiassistant .augment .augment-guidelines .trae .qoder .zencoder
    .warp warp.md replit.md .openhands .factory .amp .devin .vibe .firebender firebender.json .iflow iflow.md
    .codebuddy codebuddy.md
  `),
  forms: [
    /^\.aider/,
    /^\.?opencode\.jsonc?$/,
    /^\.(?:roo|kilocode)rules(?:-|$)/,
    /^\.coderabbit\.ya?ml$/,
    // Files of VS Code's chat, whose folders are a setting.
    /\.(?:agent|instructions|prompt|chatmode)\.md$/,
  ],
};

/** What a server does with the next push. No workflow has agents write it: pipelines are described in documents. */
const SERVERS: Kind = {
  names: words(`
    .github .gitlab .gitea .forgejo .azuredevops .azure-pipelines .circleci .buildkite .woodpecker .semaphore
    .teamcity .tekton .harness .builds .platform procfile
    netlify.toml vercel.json railway.json railway.toml nixpacks.toml nixpacks.json
  `),
  forms: [
    /^jenkinsfile(?:\.|$)/,
    /^azure-pipelines?(?:[.-].+)?\.ya?ml$/,
    /^\.(?:gitlab-ci|travis|drone|woodpecker)(?:[.-].+)?\.(?:ya?ml|star|jsonnet)$/,
    /^\.?(?:appveyor|cirrus|bitrise|codemagic|codefresh|wercker|scrutinizer|readthedocs|onedev-buildspec)\.(?:ya?ml|star)$/,
    /^(?:renovate\.json5?|\.renovaterc(?:\.json5?)?)$/,
    /^\.mergify(?:\.ya?ml)?$/,
    /^cloudbuild\.json$/,
    /^(?:bitbucket-pipelines|buildspec|cloudbuild|amplify|heroku|render|\.build|\.platform\.app)\.ya?ml$/,
  ],
};

/** What a shell, an interpreter, a debugger or a desktop reads by itself in a folder, or in that of a user. */
const SHELLS_AND_INTERPRETERS: Kind = {
  names: words(`
    .envrc .direnv .flaskenv .config .local .ssh .aws .kube .docker .gnupg .netrc _netrc .inputrc
    flake.nix flake.lock shell.nix devbox.json devbox.lock .devbox .flox
    .gdbinit .lldbinit .pdbrc .pdbrc.py .pythonrc .pythonrc.py .ipython .jupyter ipython_config.py
    .rprofile .renviron .octaverc .irbrc .pryrc .ghci autorun.inf desktop.ini
  `),
  forms: [
    // Examples are read by people and by no program.
    /^\.env(?:\.(?!(?:.*\.)?(?:example|sample|template)$).+)?$/,
    /^\.(?:bash|zsh|z|fish|k|c|tc)(?:rc|env|_?profile|_?login|_?logout|_aliases)$|^\.profile$/,
    /^devenv\.(?:nix|lock|ya?ml|local\..+)$/,
    /-gdb\.(?:py|gdb|scm)$/,
    // Python imports them before the program that it was asked for.
    /^(?:site|user)customize(?:\.|$)/,
    /^jupyter(?:_.+)?_config\.(?:py|json)$/,
  ],
};

/** Which versions of programs run, and where packages come from: read by installers and by shells. */
const INSTALLERS: Kind = {
  names: words(`
    .mise .tool-versions .npmrc .yarn .pnp.cjs .pnp.loader.mjs bunfig.toml .cargo .bundle .bazelrc
    .pypirc .pip pip.conf pip.ini uv.toml poetry.toml pdm.toml .pdm.toml .pdm-python .condarc condarc .pixi .mambarc
  `),
  forms: [
    /^\.?mise(?:\..+)?\.(?:toml|lock)$/,
    /^\.?rtx(?:\..+)?\.toml$/,
    /^\.(?:yarnrc|pnpmfile)(?:\.|$)/,
    // Packages as they are installed.
    /\.(?:egg|egg-info|dist-info)$/,
  ],
};

const KINDS: readonly Kind[] = [
  VERSION_CONTROL,
  EDITORS,
  CHECKERS,
  OTHER_AGENTS,
  SERVERS,
  SHELLS_AND_INTERPRETERS,
  INSTALLERS,
  { names: [...FILLED_BY_PROGRAMS, ...MARKS_OF_ENVIRONMENTS] },
];

const CLOSED_NAMES = new Set(KINDS.flatMap(({ names }) => names));
/** Where a name has several forms. */
const CLOSED_FORMS = KINDS.flatMap(({ forms = [] }) => forms);

/**
 * A name as every file system that folds capitals would find it. They fold more than capitals: the long s is an s, and the
 * sharp one two of them.
 */
export function foldName(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase();
}

/**
 * Whether a folder or file of this name is one that an agent of a workflow never writes to, wherever it lies: it decides about
 * the workflow, or other programs run or obey it by themselves.
 */
export function isClosedName(name: string): boolean {
  const folded = foldName(name);
  return CLOSED_NAMES.has(folded) || CLOSED_FORMS.some((form) => form.test(folded));
}
