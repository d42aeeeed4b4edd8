export const NEVER_FOREVER: readonly string[];
