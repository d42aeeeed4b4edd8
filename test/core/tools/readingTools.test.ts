import assert from "node:assert/strict";
import { test } from "node:test";
import { READING_TOOLS } from "../../../src/core/tools/readingTools.ts";
import { createTools } from "../../../src/core/tools/toolCatalog.ts";
import { inertToolPorts } from "../../support/inertToolPorts.ts";

test("the tools that only look are those that ask nothing, and the one that decides by itself", () => {
  const asksNothing = createTools(inertToolPorts)
    .filter((tool) => !("confirm" in tool))
    .map(({ name }) => name);
  assert.deepEqual(new Set([...asksNothing, "trainyard_workflow"]), new Set(READING_TOOLS));
});
