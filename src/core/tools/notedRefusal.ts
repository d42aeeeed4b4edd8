import { UserError } from "../base/errors.ts";

/** A refusal that stands in the journal of its workflow already, so that it is not noted once more. */
export class NotedRefusal extends UserError {}
