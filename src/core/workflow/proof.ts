import * as z from "zod";

/*
 * What a check rests on, named so that Trainyard can look for itself: tests that it runs, or a metric that it reads. A check
 * that needs such a proof has passed when the measurement says so, and not when its agent does.
 */

export const PROOF_KINDS = ["tests", "metric"] as const;

export type ProofKind = (typeof PROOF_KINDS)[number];

const path = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .refine((text) => !text.includes("\0"), "no path holds a NUL");
const metric = z.string().trim().min(1).max(200);

export const proofSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("tests"), files: z.array(path).min(1).max(20) }),
  z.strictObject({
    kind: z.literal("metric"),
    file: path,
    metric,
    /** A number that was agreed to before, or another result. */
    baseline: z.union([z.number(), z.strictObject({ file: path, metric })]),
  }),
]);

export type Proof = z.infer<typeof proofSchema>;

export const measurementSchema = z.strictObject({
  status: z.enum(["passed", "failed"]),
  /** What was seen, in a sentence. */
  evidence: z.string().max(4_000),
  /** What a program printed, as a document of the workflow. */
  log: z.strictObject({ document: z.string().max(1_000), hash: z.string().max(200) }).exactOptional(),
});

/** What Trainyard saw when it looked for itself. */
export type Measurement = z.infer<typeof measurementSchema>;

/** What an agent is told about the proofs that its answer needs; empty where it needs none. */
export function explainProofs(proofs: Readonly<Record<string, ProofKind>> | undefined): string {
  const wanted = Object.entries(proofs ?? {}).map(([name, kind]) => `${name}: ${kind}`);
  return wanted.length === 0
    ? ""
    : [
        `A check that passed needs its \`proof\` of this kind: ${wanted.join("; ")}.`,
        "For tests it names the test files, which are then run here. For a metric it names the file that a program of the project wrote (JSON, CSV, JSON lines, TensorBoard),",
        "the metric in it, and the baseline: another such file with its metric, or a number that the requirements or the evaluation plan give.",
        "All of it is measured again, and only the measurement counts.",
      ].join(" ");
}

/** `test_model.py, test_data.py`, or `accuracy in metrics.json against 0.9`. */
export function describeProof(proof: Proof): string {
  if (proof.kind === "tests") {
    return proof.files.join(", ");
  }
  const { file, metric: name, baseline } = proof;
  const floor = typeof baseline === "number" ? `${baseline}` : `${baseline.metric} in ${baseline.file}`;
  return `${name} in ${file} against ${floor}`;
}

/**
 * What a person writes for a metric: `results.json accuracy 0.9`, or `results.json accuracy baseline.json accuracy`. Undefined
 * where it is neither.
 */
export function parseMetricProof(text: string): Proof | undefined {
  const [file = "", metricName = "", floor = "", floorMetric, ...more] = text.trim().split(/\s+/);
  const baseline = floorMetric === undefined ? Number(floor.replace(",", ".")) : { file: floor, metric: floorMetric };
  const parsed = proofSchema.safeParse({ kind: "metric", file, metric: metricName, baseline });
  return parsed.success && floor !== "" && more.length === 0 ? parsed.data : undefined;
}
