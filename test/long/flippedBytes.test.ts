import assert from "node:assert/strict";
import { test } from "node:test";
import { damagedNames, fixture, readDamaged } from "../support/damagedCheckpoints.ts";

for (const name of damagedNames) {
  test(`${name} with one byte changed gives a summary`, async () => {
    const bytes = fixture(name);
    for (let at = 0; at < bytes.length; at += Math.max(1, Math.floor(bytes.length / 1500))) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8)) ^ 0x80;
      const summary = await readDamaged(flipped, name);
      assert.ok(["whole", "torn", "unknown"].includes(summary.completeness.state));
    }
  });
}
