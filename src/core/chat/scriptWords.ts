/* What people write when they name a script or a run to be started, whatever its arguments say. */

const STARTS = "(?:re-?run|run|launch|start|execute|kick off)";

/** Begins with a script to be run: "run train.py --debug", "python scripts/status.py". No word behind it is a request. */
export const RUNS_SCRIPT = new RegExp(
  String.raw`^(?:${STARTS} (?:(?:the|my|our|this|that|a|an|new|training|script|file|python3?|torchrun|-[um]) )*|python3? (?:-u )?)[\w./\\-]+\.py(?![\w.])`,
);

/** What a script named at the beginning is not run for here: a verb of a flow, a search, a machine elsewhere. */
export const RUNS_OTHERWISE =
  /\.py (?:--?\S+ \S+ )*(?:card|check|dump|logs|resume|show|argo-workflows|step-functions|airflow)\b|(?<![-./\w])(?:sweeps?|grid search|(?:hyper-?)?parameter (?:search|sweep|tuning)|guided|step by step)(?![-./\w])|\b(?:to|on|in|with|using) (?:argo|step functions|kubernetes|aws batch)\b/;

/** A flow by its name or by the verb that runs it: "run flow.py", "python churn.py run". */
export const NAMES_FLOW = /\b(?:flows?|pipeline|workflow)\b|_flow\.py\b|\.py run\b/;

/** A run that is asked for with what it shall be like: "run on the full data", "start a run with cosine schedule". */
export const RUNS_WITH = new RegExp(
  String.raw`^(?:(?:re-?run|run|execute)(?: (?:it|this|that|again))*|${STARTS} (?:(?:the|my|an?|another|new) )+(?:run|experiment|job)) (?:with|without|on|for|from|using|until|till|and (?:then )?(?:stop|abort|kill|cancel))\b`,
);

/** Tells how something that was started went: "run 3 failed", "start training fails". Failed runs that are named as a thing may be resumed. */
export const REPORTS_FAILURE =
  /^(?:(?:the|my|our|last|latest|first|second|start|starting|running|launching|resuming|python|run) )*(?:run|training|launch|start|resume|sweep|trial|job|script|flow|[\w./\\-]+\.py)(?: #?\d+)? (?:(?:just|has|have|had|was|always|keeps?|again) )*(?:(?:fail(?:s|ed|ing)|crash(?:es|ed|ing)|died|dies|diverge[sd]|aborted|hangs|hung)\b(?! (?:runs?|trainings?|trials?|ones?|steps?|tasks?|jobs?|sweeps?|flows?|experiments?)\b)|errors?$)/;

/** Numbers and data that are called after the training: "train accuracy is 99%", "train test leakage", "train and val loss". */
export const NAMES_TRAIN_PART =
  /\btrain(?:ing)?[ /_-](?:(?:and|vs|versus|to)[ ])?(?:(?:val\w*|test|dev)[ /_-])?(?:loss(?:es)?|acc|accuracy|errors?|time|metrics?|curves?|leak\w*|split|step)(?![-./\w])|\binto (?:[\w,]+ )*train\b/;

/** Asks for other code, which no command writes: "fix train.py". What is to be trained afterwards is asked for. */
export const EDITS_CODE =
  /^(?:change|set|make|write)\b.*\b(?:in|of) \S+\.py\b|^make \S+\.py\b|^(?:add|check|clean ?up|edit|explain|extend|fix|format|inspect|lint|read|implement|modify|open|patch|refactor|rename|review|rewrite|simplify|split|update)\b(?!.*\b(?:and|then) (?:then )?(?:re-?)?train\b(?![./]| (?:and|set|data|split)\b))/;

/** Programs that are no training of this workspace: "run pytest", "start docker". */
export const RUNS_PROGRAM = new RegExp(
  String.raw`^${STARTS} (?:(?:the|my|a|new|sudo) )*(?:chat|vs ?code|inference|pytest|tox|nox|(?:unit )?tests|ls|cd|cat|pwd|pip3?|conda|mamba|poetry|npm|git|make|docker|docker-compose|podman|jupyter|jupyterlab|jupyter-lab|mlflow|wandb|ray|ruff|mypy|black|apt|apt-get|curl|wget|ssh)(?![\w./-])`,
);
