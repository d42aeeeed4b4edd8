import { isMap, parseDocument } from "yaml";
import * as z from "zod";
import { UserError } from "../base/errors.ts";
import { describeIssues } from "./outputProblems.ts";

const line = z.string().trim().min(1).max(2_000);
const lines = z
  .array(line)
  .max(100)
  .nullish()
  .transform((value) => value ?? []);

/** What begins a guided workflow, by its names here and in the format's own tools. */
const KNOWN_COMMANDS = ["/develop", "/pipeline", "/ml-flow", "/ml-pipeline"] as const;

/** `/develop`, also behind the participant's name and without the slash. */
const command = line.refine(
  (text) =>
    KNOWN_COMMANDS.some(
      (known) =>
        known ===
        `/${
          text
            .replace(/^@[\w-]+\s+/, "")
            .replace(/^\//, "")
            .split(/\s/)[0]
        }`,
    ),
  {
    error: ({ input }) =>
      `"${String(input).slice(0, 60)}" is no command that begins a guided workflow. There are: ${KNOWN_COMMANDS.join(", ")}`,
  },
);

/** `tests_pass`, or `files_created: [model.py]`. */
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const criterion = z.union([line, z.record(z.string().max(200), z.union([scalar, z.array(scalar).max(100)]))]);

/** Version 1.0 of the capsule format; what the workflow does not use is left as it is. */
const capsuleSchema = z.looseObject({
  version: z.preprocess((value) => (value === 1 ? "1.0" : value), z.literal("1.0")),
  created: z.union([line, z.date().transform((date) => date.toISOString())]),
  slug: line,
  goal: z.string().trim().min(1).max(8_000),
  constraints: lines,
  non_goals: lines,
  success_criteria: z.array(criterion).max(100).nullish(),
  questions: z
    .looseObject({
      decisions_made: z
        .array(z.looseObject({ question: line, answer: line.nullish() }))
        .max(100)
        .nullish(),
      open_questions: z
        .array(z.union([line, z.looseObject({ question: line }).transform(({ question }) => question)]))
        .max(100)
        .nullish(),
    })
    .nullish(),
  context: z
    .looseObject({
      key_files: z
        .array(z.looseObject({ path: line, reason: line.nullish() }))
        .max(100)
        .nullish(),
    })
    .nullish(),
  risks: z
    .array(
      z.looseObject({
        severity: z.enum(["high", "medium", "low"]),
        description: line,
        mitigation: line.nullish(),
      }),
    )
    .max(100)
    .nullish(),
  handoff: z.looseObject({ recommended_command: command }),
});

/** What a capsule gives to the first phase. */
export type Capsule = {
  slug: string;
  goal: string;
  constraints: readonly string[];
  nonGoals: readonly string[];
  successCriteria: readonly string[];
  decisions: readonly { question: string; answer: string }[];
  openQuestions: readonly string[];
  /** `isMissing` where the workspace has no such file. */
  keyFiles: readonly { path: string; reason: string; isMissing: boolean }[];
  risks: readonly { severity: "high" | "medium" | "low"; description: string; mitigation: string }[];
};

/** Refuses what could lead out of the folder of capsules. */
function requireSlug(slug: string): string {
  if (!/^[A-Za-z\d][A-Za-z\d_-]{0,99}$/.test(slug)) {
    throw new UserError(
      `"${slug.slice(0, 60)}" is no name of a capsule: letters, digits, hyphens and underscores, as in --capsule trajectory-model.`,
    );
  }
  return slug;
}

/** Where a capsule lies, from the workspace folder. */
export function capsulePath(slug: string): string {
  return `.phase0/capsules/${requireSlug(slug)}/capsule.yaml`;
}

/** Reads a capsule. Throws a UserError that names the line that is no YAML, or every field that is wrong. */
export function parseCapsule(text: string, slug: string): Capsule {
  const path = capsulePath(slug);
  const document = parseDocument(text, { logLevel: "silent" });
  const [error] = document.errors;
  if (error !== undefined || !isMap(document.contents)) {
    const reason = error?.message.split("\n")[0]?.replace(/:$/, "") ?? "it is no mapping of fields";
    throw new UserError(`${path} is no valid capsule: ${reason}. Correct the file, or start without --capsule.`);
  }
  const written: unknown = document.toJS({ maxAliasCount: 20 });
  const parsed = capsuleSchema.safeParse(written);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const [described] = describeIssues([issue], written);
      return `${issue.path.join(".")}: ${issue.code === "custom" ? issue.message : described?.says}`;
    });
    throw new UserError(
      `${path} is no valid capsule: ${problems.join("; ")}. Correct the file, or start without --capsule.`,
    );
  }
  if (parsed.data.slug !== slug) {
    throw new UserError(`${path} says it is the capsule "${parsed.data.slug}". Correct its slug, or name that one.`);
  }
  return {
    slug,
    goal: parsed.data.goal,
    constraints: parsed.data.constraints,
    nonGoals: parsed.data.non_goals,
    successCriteria: (parsed.data.success_criteria ?? []).map(describeCriterion),
    decisions: (parsed.data.questions?.decisions_made ?? []).map(({ question, answer }) => ({
      question,
      answer: answer ?? "",
    })),
    openQuestions: parsed.data.questions?.open_questions ?? [],
    keyFiles: (parsed.data.context?.key_files ?? []).map(({ path: file, reason }) => ({
      path: file,
      reason: reason ?? "",
      isMissing: false,
    })),
    risks: (parsed.data.risks ?? []).map(({ severity, description, mitigation }) => ({
      severity,
      description,
      mitigation: mitigation ?? "",
    })),
  };
}

/** `tests pass`, `files created: model.py, test_model.py`. */
function describeCriterion(written: z.infer<typeof criterion>): string {
  if (typeof written === "string") {
    return written;
  }
  return Object.entries(written)
    .map(([name, value]) => {
      const items = (Array.isArray(value) ? value : [value]).filter((item) => item !== null && item !== true);
      const title = name.replaceAll("_", " ");
      return items.length === 0 ? title : `${title}: ${items.join(", ").slice(0, 1_000)}`;
    })
    .join("; ");
}

/** Takes `--capsule <slug>` out of what was typed after a command. */
export function takeCapsuleOption(prompt: string): { task: string; slug?: string } {
  const found = /(?:^|\s)--capsule(?:[=\s]+(\S+))?/.exec(prompt);
  if (found === null) {
    return { task: prompt.trim() };
  }
  if (found[1] === undefined) {
    throw new UserError("--capsule needs the name of a capsule: --capsule trajectory-model.");
  }
  const task = (prompt.slice(0, found.index) + prompt.slice(found.index + found[0].length)).trim();
  return { task, slug: requireSlug(found[1]) };
}
