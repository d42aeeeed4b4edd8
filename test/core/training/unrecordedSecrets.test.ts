import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutSecrets } from "../../../src/core/training/unrecordedSecrets.ts";
import { buildRun } from "../../support/runBuilder.ts";

test("a variable is not recorded when its name or its value is that of a secret", () => {
  const { plan } = buildRun("finished").record;
  const secrets = { PGPASSWORD: "hunter2", DATABASE_URL: "postgres://u:secret9@h/db" };
  const parted = withoutSecrets({ ...plan, environment: { ...secrets, SEED: "1" } });
  assert.deepEqual([parted.plan.environment, parted.secrets], [{ SEED: "1" }, secrets]);
  assert.deepEqual(parted.plan.unrecorded, ["PGPASSWORD", "DATABASE_URL"]);
});
