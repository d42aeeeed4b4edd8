/** Flags of node's test runner: a test that waits for ever fails instead, and a file that does not end is ended and fails. */
export const NEVER_FOREVER = ["--test-timeout=600000", "--import", "./scripts/endLateFile.mjs"];
