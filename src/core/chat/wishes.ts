import type { ReplyButton } from "./reply.ts";

/** Something people ask for that no command does. It is told plainly, since the nearest command would do another thing. */
export type Wish = {
  /** What was not done, and what there is instead: sentences in Markdown. */
  answer: string;
  /** The commands that come nearest. */
  near: readonly { participant: string; name: string }[];
  buttons?: readonly ReplyButton[];
};

type WishRule = Wish & {
  pattern: RegExp;
  unless?: RegExp;
  /** Asks about a training and for none, whatever words of training it holds. */
  isQuestion?: boolean;
};

/** Tried from top to bottom on a text in lower case. */
export const WISHES: readonly WishRule[] = [
  {
    pattern:
      /\b(?:delete|remove|erase|purge|prune|wipe|clear|clean ?up|rm|keep (?:only )?the (?:best|last|newest))\b.*\b(?:checkpoints?|ckpts?|snapshots?)\b/,
    unless: /^(?:why|who|did|does|has|have|was|were)\b/,
    answer:
      "Nothing was deleted; no request in the chat deletes checkpoints. **Trainyard: Prune Checkpoints…** shows which ones stay and which would go, and deletes only what you agree to.",
    near: [{ participant: "ml-trainer", name: "checkpoints" }],
    buttons: [{ title: "Prune Checkpoints…", command: "trainyard.pruneCheckpoints" }],
  },
  {
    pattern: /^(?:sudo )?(?:delete|remove|erase|purge|wipe|clear|clean ?up|trash|rm)\b/,
    unless: /\b(?:notes?|memory|memories)\b/,
    answer:
      "Nothing was deleted; there is no command that deletes runs, files or folders. What a run left lies in `.trainyard/runs/`; you may delete the folder of a run there once it has ended.",
    near: [{ participant: "ml-trainer", name: "runs" }],
  },
  {
    pattern: /^(?:upload|push|publish|copy|sync|back ?up|share|register|download|send)\b/,
    answer:
      "Nothing was copied or sent; there is no command that uploads, copies or registers files. The list of checkpoints says where the best whole one lies.",
    near: [{ participant: "ml-trainer", name: "checkpoints" }],
  },
  {
    pattern:
      /\b(?:monitor|watch|detect|observe|alert)\b.*\b(?:drift(?:ing)?|production|serving|endpoints?|live traffic)\b|\bdrift (?:monitoring|detection|alerts?)\b/,
    answer:
      "There is no command that watches a model in production. `/pipeline` plans how drift will be noticed; `/monitor` shows the curves of trainings.",
    near: [
      { participant: "mlops-engineer", name: "pipeline" },
      { participant: "ml-trainer", name: "monitor" },
    ],
  },
  {
    pattern:
      /\b(?:set ?up|add|create|configure|write|make|enable|build)\b.*\b(?:ci|ci\/cd|continuous integration|github actions?|gitlab|jenkins)\b/,
    answer:
      "There is no command that sets up CI. `/pipeline` plans it. In a job of your own, `trainyard check .` ends with exit code 1 where a flow has a mistake.",
    near: [{ participant: "mlops-engineer", name: "pipeline" }],
  },
  {
    pattern:
      /^(?:(?:how (?:do|can) i )?(?:create|write|make|generate|scaffold|give me|i (?:need|want)) )(?:(?:me|a|an|new|first|simple|basic|minimal|pytorch|torch) )*training script\b|^(?:(?:a|an|new|first|simple|basic|minimal|pytorch|torch) )+training script(?: for .*)?$|^(?:create|write|generate|scaffold) (?:(?:me|a|an|new|the|my) )*\S*train\S*\.py(?: (?:for|that|with)\b.*)?$/,
    unless: /\b(?:flows?|pipeline|workflow|tests?|docs?|from|of|faster)\b/,
    answer:
      "**Trainyard: New Training Script…** writes one with seeds, a validation split, versioned checkpoints, resume and a checkpoint on interrupt. It replaces no file.",
    near: [],
    buttons: [{ title: "New Training Script…", command: "trainyard.newTrainingScript" }],
  },
  {
    pattern:
      /^(?:can|may|should|could|do|does|is it (?:ok|okay|safe|fine) to|what (?:happens|if)|will|if)\b.*\b(?:clos|quit|exit|reload|restart|disconnect|log ?(?:out|off))\w*\b.*\b(?:vs ?code|editor|window|laptop|terminal|ssh|browser|tab)\b/,
    isQuestion: true,
    answer:
      "A training goes on when its terminal, the window or VS Code is closed and when the SSH connection is lost; the next window finds it again. A machine that is switched off ends it.",
    near: [
      { participant: "ml-trainer", name: "runs" },
      { participant: "ml-trainer", name: "resume" },
    ],
  },
  {
    // A Python file in a folder of notebooks is none.
    pattern:
      /^(?:convert|turn|export|make|(?:run|execute|start|open)\b(?!.*\.py\b))\b.*(?:\bnotebooks?(?![\w/\\-])|\.ipynb\b)/,
    unless: /\b(?:flows?|pipeline|workflow)\b/,
    answer:
      "Trainyard starts Python files and no notebooks. `jupyter nbconvert --to script NAME.ipynb` writes a Python file of one; `/train NAME.py` then shows what would run.",
    near: [],
    buttons: [{ title: "New Training Script…", command: "trainyard.newTrainingScript" }],
  },
  {
    pattern:
      /^(?:notify|ping|tell|email|e-mail|mail|text|message|alert|warn|slack|remind) me (?:when|if|once|as soon as)\b|^wait (?:for|until|till)\b/,
    unless: /\bthen (?:re-?)?(?:train|run|start|launch)\b/,
    isQuestion: true,
    answer:
      "There is nothing to set up: the window says when a run has ended or its loss is no number, also one that ended while VS Code was closed. No mail is sent. In a terminal `trainyard logs -f latest` ends with the run.",
    near: [{ participant: "ml-trainer", name: "runs" }],
  },
  {
    pattern:
      /^(?:change|set|lower|raise|increase|decrease|halve|double|update|adjust)\b.*\b(?:running|current|live) (?:run|training|job)\b/,
    isQuestion: true,
    answer:
      "Nothing was changed: a run keeps the arguments it was started with. `/stop` gives it time to save a checkpoint, and `/resume` goes on from there.",
    near: [
      { participant: "ml-trainer", name: "stop" },
      { participant: "ml-trainer", name: "resume" },
    ],
  },
  {
    pattern:
      /^(?:check|review|scan|look at|audit|search)\b.*\b(?:my|the|these|for) (?:changes?|diff|secrets|credentials|commit)\b|^(?:is (?:it|this) safe|can i) (?:to )?commit|^are there (?:any )?(?:secrets|credentials)\b/,
    answer:
      "**Trainyard: Check Changes** looks for credentials, new dependencies, swallowed exceptions and the like in what differs from the last commit.",
    near: [],
    buttons: [{ title: "Check Changes", command: "trainyard.checkChange" }],
  },
  {
    pattern:
      /^(?:add|use|give|set|put|request|increase|raise|lower)\b(?=.*\bsteps?\b).*\b(?:retry|retries|timeout|memory|ram|gpus?|cpus?|conda|resources|secrets?|environment)\b|^add (?:an? )?(?:@\w+|(?:retry|timeout|resources|conda|catch)(?: decorator)?) to\b/,
    isQuestion: true,
    answer:
      "Nothing was changed; what a step needs is written into its flow by hand, above `@step`: `@retry(times=3)`, `@timeout(hours=1)`, `@resources(memory=16000, gpu=1)`, `@conda(packages={…})`. `/check` then reads the flow.",
    near: [
      { participant: "metaflow-agent", name: "check" },
      { participant: "metaflow-agent", name: "deploy" },
    ],
  },
  {
    pattern:
      /\b(?:dockerize|docker ?file|docker image|(?:rest|http) api|fastapi|terraform|infrastructure as code|feature store|canary|a\/b test|helm)\b|^serve\b.*\b(?:model|checkpoint)\b/,
    unless: /^(?:deploy|undeploy)\b|\bflows?\b/,
    answer:
      "There is no command that builds images, serves a model or sets up infrastructure. `/pipeline` plans it phase by phase, and `/deploy` says what a flow still lacks for production.",
    near: [
      { participant: "mlops-engineer", name: "pipeline" },
      { participant: "mlops-engineer", name: "deploy" },
    ],
  },
  {
    pattern:
      /^(?:export|convert|quanti[sz]e)\b.*\b(?:onnx|torchscript|tflite|core ?ml|tensorrt|model|checkpoints?|safetensors)\b/,
    unless: /\b(?:flows?|scripts?|notebooks?|metaflow)\b/,
    answer:
      "Nothing was converted; there is no command that converts models. `/checkpoints` says which one is whole and best, and what it holds.",
    near: [{ participant: "ml-trainer", name: "checkpoints" }],
  },
  {
    pattern:
      /^(?:let|leave|keep) (?:it|them|this|that|everything|all|(?:the|my) (?:run|training|sweep|job))s?(?: (?:to|just|all|run|running|alone|going|go|on|continue|finish|train|training|be|as (?:it|they) (?:is|are)|overnight|tonight|for now|till the end|until the end|until it is done))*$/,
    isQuestion: true,
    answer:
      "Nothing was stopped or started: a run goes on until it ends, also when the window is closed. `/runs` says how it goes.",
    near: [{ participant: "ml-trainer", name: "runs" }],
  },
  {
    pattern: /^(?:pause|suspend)\b/,
    answer:
      "Nothing was paused; a training goes on or is stopped. `/stop` gives it time to save a checkpoint, and `/resume` goes on from there.",
    near: [
      { participant: "ml-trainer", name: "stop" },
      { participant: "ml-trainer", name: "resume" },
    ],
  },
  {
    pattern: /^(?:(?:pip|conda|uv|poetry) )?install\b/,
    answer:
      "Nothing was installed; that is yours to do in a terminal. Where a script lacks a package, its plan and `/diagnose` name the command that installs it into the Python of the run.",
    near: [{ participant: "ml-trainer", name: "diagnose" }],
  },
  {
    pattern:
      /^(?:(?:try|do|run|start)(?: (?:it|that|this))? (?:again|once more|another time)|(?:retry|re-?run|repeat|redo)(?: (?:it|that|this|(?:the |my )?(?:(?:last|latest|previous) )?(?:run|training)))?|again|once more|same again|restart(?: (?:it|that|this))?)$/,
    answer:
      "Nothing was started yet. **Trainyard: Reproduce Run…** starts a recorded run again, as it was; `/train` plans a new one, and `/resume` goes on from a checkpoint.",
    near: [
      { participant: "ml-trainer", name: "train" },
      { participant: "ml-trainer", name: "resume" },
      { participant: "ml-trainer", name: "diagnose" },
    ],
    buttons: [{ title: "Reproduce Run…", command: "trainyard.reproduceRun" }],
  },
];

const TRAINS = /\b(?:re-?)?train(?:ing)?\b|\bfine[- ]?tun/;
/** What a training left, by which a sentence speaks of one without asking for it. */
const LEFT_BY_TRAINING = new RegExp(
  [
    String.raw`\b(?:of|from|by) (?:(?:the|my|our|this|that|an?|last|latest|previous|earlier|old|first|failed|finished|ended|stopped) )*training\b`,
    String.raw`\b(?:last|latest|previous|earlier|old|failed|finished|ended|stopped) training\b`,
    String.raw`\btraining(?:'s)? (?:scripts?|runs?|folders?|director(?:y|ies)|files?|outputs?|logs?|checkpoints?|ckpts?|snapshots?)\b`,
    String.raw`^(?:pause|suspend|retry|re-?run|repeat|redo) (?:(?:the|my|this|that) )?training\b`,
    // A file of that name, as what is to be deleted or sent.
    String.raw`^(?:sudo )?\w+ (?:(?:-\S+|the|my|a|an|me|new) )*\S*\btrain(?:ing)?[./-]\S+`,
  ].join("|"),
  "g",
);

/** Whether a text asks to train, whatever else it asks for: a plan can be looked at, and takes the rest as its words. */
function asksToTrain(spoken: string): boolean {
  return TRAINS.test(spoken.replaceAll(LEFT_BY_TRAINING, ""));
}

/** What no command does, by the words of a request in lower case; undefined where a command may be meant. */
export function findWish(spoken: string): Wish | undefined {
  const trains = asksToTrain(spoken);
  return WISHES.find(
    ({ pattern, unless, isQuestion = false }) =>
      (isQuestion || !trains) && pattern.test(spoken) && unless?.test(spoken) !== true,
  );
}
