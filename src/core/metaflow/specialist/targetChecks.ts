import { type DeployTargetId, deployTargets } from "../deploy/deployTarget.ts";
import { describePlace, placeProblem } from "../deploy/describePlace.ts";
import type { Flow, ResolvedDecorator } from "../graph/linkFlow.ts";
import { metaflowName } from "../graph/stepDecorators.ts";
import { batchChecks, computeChecks, stepFunctionsChecks } from "./computeChecks.ts";
import type { ReadinessCheck, ReadinessFacts } from "./readinessCheck.ts";

/** What one scheduler takes and another does not, and whether Metaflow is set up for it here. */
export function targetChecks({ flow, place, target }: ReadinessFacts): ReadinessCheck[] {
  return [
    ...(place ? [datastore(place)] : []),
    ...(place && target ? [destination(target, place)] : []),
    ...(target ? computeChecks(flow, target) : []),
    ...(target === "step-functions" ? stepFunctionsChecks(flow, place) : []),
    ...(place?.datastore && (target === "step-functions" || target === "batch")
      ? batchChecks({ flow, place, target })
      : []),
    ...schedule(flow, target),
  ];
}

type Place = NonNullable<ReadinessFacts["place"]>;

function datastore({ datastore: store }: Place): ReadinessCheck {
  return store
    ? { name: "Datastore", state: "ok", message: `\`${store.root}\`, which remote steps reach` }
    : {
        name: "Datastore",
        state: "blocked",
        message:
          "Metaflow is set up for the local datastore alone, and a remote step reaches none of its artifacts. Set `METAFLOW_DATASTORE_SYSROOT_S3` (or `_AZURE`, `_GS`), or run `metaflow configure`.",
      };
}

function destination(target: DeployTargetId, place: Place): ReadinessCheck {
  const problem = place.datastore ? placeProblem(target, place) : undefined;
  const where = describePlace(target, place)
    .filter((line) => !line.startsWith("Datastore:"))
    .join("; ");
  return problem === undefined
    ? { name: deployTargets[target].label, state: /unknown/.test(where) ? "open" : "ok", message: where }
    : { name: deployTargets[target].label, state: "blocked", message: problem };
}

const RUNS_ONCE: ReadonlySet<DeployTargetId | undefined> = new Set(["kubernetes", "batch"]);

/** The schedule stands above the class; the commands have no option for it. */
function schedule(flow: Flow, target: DeployTargetId | undefined): ReadinessCheck[] {
  const named = flow.decorators.find((each) =>
    /^(?:schedule|trigger|trigger_on_finish)$/.test(metaflowName(each) ?? ""),
  );
  if (RUNS_ONCE.has(target)) {
    return named
      ? [{ name: "Start", state: "ok", message: `it runs once, now; \`@${metaflowName(named)}\` is not looked at` }]
      : [];
  }
  if (!named) {
    return [
      {
        name: "Start",
        state: "open",
        message:
          "Nothing starts it by itself: it runs when somebody triggers it. `@schedule(daily=True)` above the class or `@trigger` would.",
        line: flow.source.line,
      },
    ];
  }
  return target === "step-functions" && hasTimezone(named)
    ? [
        {
          name: "Start",
          state: "open",
          message: "Step Functions counts in UTC; the `timezone` of `@schedule` holds for Argo Workflows only.",
          line: named.source.line,
        },
      ]
    : [{ name: "Start", state: "ok", message: `\`@${metaflowName(named)}\` starts it`, line: named.source.line }];
}

function hasTimezone({ source }: ResolvedDecorator): boolean {
  return source.keywords.has("timezone");
}
