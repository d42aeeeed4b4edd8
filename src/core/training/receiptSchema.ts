import * as z from "zod/mini";

const fingerprintSchema = z.object({
  /** Relative to the folder of the run where it lies in there. */
  path: z.string(),
  sizeBytes: z.number(),
  modifiedAt: z.string(),
  /** Of all bytes of a small file, of samples of a large one, of names and sizes in a folder. */
  hash: z.string(),
});

export const receiptSchema = z.object({
  git: z.optional(
    z.object({
      commit: z.string(),
      isDirty: z.boolean(),
      /** Of the difference to the commit, where there is one. */
      diffHash: z.optional(z.string()),
      /** The file beside the record that holds this difference, as `git apply` takes it. */
      diffFile: z.optional(z.string()),
      /** The file beside the record that makes the Python files which git did not know, in the same form. */
      newCodeFile: z.optional(z.string()),
    }),
  ),
  host: z.string(),
  platform: z.string(),
  trainyardVersion: z.string(),
  /** The version of NVIDIA's driver, of a run on a GPU. */
  driver: z.optional(z.string()),
  /** Installed packages of the interpreter, by name. */
  packages: z.optional(z.record(z.string(), z.string())),
  /** The script, the configuration files among the arguments, the lock files, code that git does not know yet. */
  files: z.optional(z.array(fingerprintSchema)),
  /** What the arguments name as data. */
  data: z.optional(z.array(fingerprintSchema)),
});

export type Receipt = z.infer<typeof receiptSchema>;
/** A receipt before it is kept, with the texts of the uncommitted changes and of the new code that go into files of their own. */
export type TakenReceipt = Receipt & { patch?: string; newCode?: string };
export type Fingerprint = z.infer<typeof fingerprintSchema>;
