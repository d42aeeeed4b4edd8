import type { DeployPlace } from "../deploy/deployPlace.ts";
import { type DeployTargetId, deployTargets } from "../deploy/deployTarget.ts";
import { buildGraph } from "../graph/flowGraph.ts";
import type { Flow, ResolvedDecorator, StepSource } from "../graph/linkFlow.ts";
import { metaflowName } from "../graph/stepDecorators.ts";
import type { ReadinessCheck } from "./readinessCheck.ts";

/** A shorter limit is refused by Metaflow for a step on Kubernetes or Batch. */
const SHORTEST_TIMEOUT_SECONDS = 60;

function blocked(name: string, message: string, line?: number): ReadinessCheck {
  return { name, state: "blocked", message, ...(line === undefined ? {} : { line }) };
}

function decoratorOf(step: StepSource, name: string): ResolvedDecorator | undefined {
  return step.decorators.find((each) => metaflowName(each) === name);
}

/** What Metaflow refuses on any remote step: the other scheduler's decorator, and a limit that is too short. */
export function computeChecks({ steps }: Flow, target: DeployTargetId): ReadinessCheck[] {
  const { label, isOnKubernetes } = deployTargets[target];
  const [here, other] = isOnKubernetes ? ["Kubernetes", "batch"] : ["Batch", "kubernetes"];
  return steps.flatMap((step) => {
    const rival = decoratorOf(step, other);
    const timeout = decoratorOf(step, "timeout");
    const seconds = timeout === undefined ? undefined : secondsOf(timeout);
    return [
      ...(rival
        ? [
            blocked(
              label,
              `\`${step.name}\` has \`@${other}\`, and Metaflow refuses a step that is marked for ${here} and for the other one. Take \`@${other}\` away; \`@resources\` says for both what the step needs.`,
              rival.source.line,
            ),
          ]
        : []),
      ...(timeout && seconds !== undefined && seconds < SHORTEST_TIMEOUT_SECONDS
        ? [
            blocked(
              label,
              `\`@timeout\` of \`${step.name}\` is ${seconds} seconds, and ${here} takes none below ${SHORTEST_TIMEOUT_SECONDS}.`,
              timeout.source.line,
            ),
          ]
        : []),
    ];
  });
}

function secondsOf({ source }: ResolvedDecorator): number | undefined {
  const amount = (name: string) => source.keywords.get(name)?.value ?? 0;
  const total = Number(amount("seconds")) + 60 * Number(amount("minutes")) + 3600 * Number(amount("hours"));
  return Number.isFinite(total) && total > 0 ? total : undefined;
}

function refuse(message: string, line?: number): ReadinessCheck {
  return blocked("Step Functions", message, line);
}

/** Netflix/metaflow:metaflow/plugins/aws/step_functions/step_functions.py refuses these when it compiles or schedules. */
export function stepFunctionsChecks(flow: Flow, place: DeployPlace | undefined): ReadinessCheck[] {
  const nodes = [...buildGraph(flow).nodes.values()];
  const named = (pattern: RegExp) => flow.decorators.filter((each) => pattern.test(metaflowName(each) ?? ""));
  const foreach = nodes.find(({ type, transition }) => type === "foreach" && transition?.kind === "foreach");
  const schedule = named(/^schedule$/)[0];
  return [
    ...nodes.flatMap(({ name, type, isParallelStep, step }) =>
      type === "split-switch"
        ? [
            refuse(
              `\`${name}\` is a switch, which Step Functions does not run. Argo Workflows does.`,
              step.source.firstLine,
            ),
          ]
        : isParallelStep
          ? [
              refuse(
                `\`${name}\` runs as several processes that know each other, which Step Functions does not do. Argo Workflows does.`,
                step.source.firstLine,
              ),
            ]
          : [],
    ),
    ...named(/^trigger(?:_on_finish)?$/).map((each) =>
      refuse(
        `\`@${metaflowName(each)}\` starts a flow on Argo Workflows only. Use \`@schedule\` here.`,
        each.source.line,
      ),
    ),
    ...named(/^exit_hook$/).map((each) => refuse("`@exit_hook` works on Argo Workflows only.", each.source.line)),
    ...(place && foreach && !place.aws.hasForeachTable
      ? [
          refuse(
            `\`${foreach.name}\` is a foreach, for which Step Functions needs a table in DynamoDB, and METAFLOW_SFN_DYNAMO_DB_TABLE is not set. Run \`metaflow configure aws\`.`,
            foreach.step.source.firstLine,
          ),
        ]
      : []),
    ...(place && schedule && !place.aws.hasScheduleRole
      ? [
          refuse(
            "`@schedule` needs a role for EventBridge, and METAFLOW_EVENTS_SFN_ACCESS_IAM_ROLE is not set: the flow would be deployed and never start. Run `metaflow configure aws`.",
            schedule.source.line,
          ),
        ]
      : []),
  ];
}

type BatchFacts = { flow: Flow; place: DeployPlace; target: DeployTargetId };

/** What a job on Batch cannot be submitted without, where `@batch` does not say it for every step. */
export function batchChecks({ flow, place, target }: BatchFacts): ReadinessCheck[] {
  const { label } = deployTargets[target];
  const isGiven = (attribute: string) =>
    flow.steps.every((step) => decoratorOf(step, "batch")?.source.keywords.has(attribute) === true);
  const hasRole = place.aws.hasTaskRole || isGiven("iam_role");
  // A run takes the first queue that is open; a state machine has to name one.
  const hasQueue = place.aws.queue !== undefined || isGiven("queue") || target === "batch";
  return [
    ...(hasRole
      ? []
      : [
          blocked(
            label,
            "A job on Batch has no role to read its code with: METAFLOW_ECS_S3_ACCESS_IAM_ROLE is not set. Run `metaflow configure aws`.",
          ),
        ]),
    ...(hasQueue
      ? []
      : [
          blocked(
            label,
            "Its steps run on Batch and no queue is named: METAFLOW_BATCH_JOB_QUEUE is not set. Run `metaflow configure aws`.",
          ),
        ]),
  ];
}
