import { z } from "zod";

/**
 * What the Start button of a shown plan carries: the request to plan again, and the digest of what was shown. The
 * chat keeps buttons for weeks, so nothing in here is believed before it is checked.
 */
export const startArgumentsSchema = z.object({
  request: z.object({
    script: z.string().optional(),
    arguments: z.array(z.string()).readonly().optional(),
    device: z.union([z.enum(["auto", "cpu"]), z.array(z.number()).readonly()]).optional(),
  }),
  folderUri: z.string(),
  digest: z.string(),
});

export type StartArguments = z.infer<typeof startArgumentsSchema>;
