/* What people write when they name a script or a run to be started, whatever its arguments say. */

const STARTS = "(?:re-?run|run|launch|start|execute|kick off)";

/** Begins with a script to be run: "run train.py --debug", "python scripts/status.py". No word behind it is a request. */
export const RUNS_SCRIPT = new RegExp(
  String.raw`^(?:${STARTS} (?:(?:the|my|our|this|that|a|an|new|training|script|file|python3?|torchrun|-[um]) )*|python3? (?:-u )?)[\w./\\-]+\.py(?![\w.])`,
);

/** What a script named at the beginning is not run for here: a verb of a flow, a search, a machine elsewhere. */
export const RUNS_OTHERWISE =
  /\.py (?:check|show|resume|dump|logs|argo-workflows|step-functions|airflow)\b|(?<![-./\w])(?:sweeps?|grid search|(?:hyper-?)?parameter (?:search|sweep|tuning)|guided|step by step)(?![-./\w])|\b(?:to|on|in|with|using) (?:argo|step functions|kubernetes|aws batch)\b/;

/** A flow by its name or by the verb that runs it: "run flow.py", "python churn.py run". */
export const NAMES_FLOW = /\b(?:flows?|pipeline|workflow)\b|\.py run\b/;

/** A run that is asked for with what it shall be like: "run on the full data", "start a run with cosine schedule". */
export const RUNS_WITH = new RegExp(
  String.raw`^(?:(?:re-?run|run|execute)(?: (?:it|this|that|again))*|${STARTS} (?:(?:the|my|an?|another|new) )+(?:run|experiment|job)) (?:with|without|on|from|using|until|till|and (?:then )?(?:stop|abort|kill|cancel))\b`,
);
