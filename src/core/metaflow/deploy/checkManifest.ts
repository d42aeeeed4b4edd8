import * as z from "zod";
import type { ArgoManifest } from "./manifestOutput.ts";

/*
 * What of a WorkflowTemplate (argoproj.io/v1alpha1) Metaflow uses; the names are those of the Argo Workflows API:
 *
 *   spec.entrypoint                 the template that a workflow starts with
 *   spec.templates[].dag.tasks[]    { name, template, dependencies | depends }
 *   spec.templates[].steps[][]      { name, template }
 *   spec.templates[].container      { image, command, resources.requests }
 */

const callSchema = z.object({
  name: z.string(),
  template: z.string().optional(),
  dependencies: z.array(z.string()).optional(),
  depends: z.string().optional(),
});

const templateSchema = z.object({
  name: z.string(),
  dag: z.object({ tasks: z.array(callSchema) }).optional(),
  steps: z.array(z.array(callSchema)).optional(),
  container: z
    .object({
      image: z.string().min(1, "names no image"),
      command: z.array(z.string()).min(1, "has no command"),
      resources: z.object({ requests: z.record(z.string(), z.union([z.string(), z.number()])).optional() }).optional(),
    })
    .optional(),
});

const manifestSchema = z.object({
  apiVersion: z.literal("argoproj.io/v1alpha1"),
  kind: z.literal("WorkflowTemplate"),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
  spec: z.object({ entrypoint: z.string(), templates: z.array(templateSchema).min(1) }),
});

type Template = z.infer<typeof templateSchema>;

/** RFC 1123, which Kubernetes takes for the names of most objects. */
const OBJECT_NAME = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;
/** Kubernetes' quantities: `1`, `0.5`, `500m`, `4096M`, `10Gi`, `1e3`. */
const QUANTITY = /^\d+(?:\.\d+)?(?:[EPTGMk]i?|Ki|m|u|n|e[-+]?\d+)?$/;

/** What Argo Workflows would refuse in a manifest, as sentences; empty where it is sound. `steps` are those of the flow. */
export function checkManifest(manifest: ArgoManifest, steps: readonly string[]): string[] {
  const parsed = manifestSchema.safeParse(manifest);
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}.`);
  }
  const { metadata, spec } = parsed.data;
  const names = new Set(spec.templates.map(({ name }) => name));
  return [
    ...(OBJECT_NAME.test(metadata.name) ? [] : [`metadata.name: ${metadata.name} is no name that Kubernetes takes.`]),
    ...(names.has(spec.entrypoint) ? [] : [`spec.entrypoint: there is no template ${spec.entrypoint}.`]),
    ...duplicates(spec.templates.map(({ name }) => name)).map((name) => `Two templates are called ${name}.`),
    ...spec.templates.flatMap((template) => templateProblems(template, names)),
    ...missingSteps(spec.templates, steps),
  ];
}

function duplicates(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function templateProblems(template: Template, names: ReadonlySet<string>): string[] {
  const tasks = template.dag?.tasks ?? [];
  const calls = [...tasks, ...(template.steps?.flat() ?? [])];
  const known = new Set(tasks.map(({ name }) => name));
  const unknown = calls.flatMap(({ name, template: called }) =>
    called === undefined || names.has(called)
      ? []
      : [`${template.name}: ${name} calls ${called}, which is no template.`],
  );
  const dangling = tasks.flatMap((task) =>
    dependenciesOf(task).flatMap((name) =>
      known.has(name) ? [] : [`${template.name}: ${task.name} waits for ${name}, which is no task of it.`],
    ),
  );
  const requests = Object.entries(template.container?.resources?.requests ?? {});
  const sizes = requests.flatMap(([resource, amount]) =>
    QUANTITY.test(String(amount)) ? [] : [`${template.name}: ${amount} is no amount of ${resource}.`],
  );
  return [...unknown, ...dangling, ...sizes];
}

/** `depends` is a condition over tasks: `a.Succeeded && (b || c.Skipped)`. */
function dependenciesOf({ dependencies = [], depends = "" }: z.infer<typeof callSchema>): string[] {
  const named = [...depends.matchAll(/[A-Za-z0-9_][-\w]*(?:\.\w+)?/g)].map(([word]) => word.split(".")[0] ?? "");
  return [...dependencies, ...named];
}

/** Metaflow names tasks after steps, with hyphens, since Kubernetes takes no underscore. */
function missingSteps(templates: readonly Template[], steps: readonly string[]): string[] {
  const calls = templates.flatMap(({ dag, steps: lists }) => [...(dag?.tasks ?? []), ...(lists?.flat() ?? [])]);
  const present = new Set([...templates, ...calls].map(({ name }) => name));
  return steps
    .filter((step) => !present.has(step.replaceAll("_", "-")) && !present.has(step))
    .map((step) => `The step ${step} is missing.`);
}
