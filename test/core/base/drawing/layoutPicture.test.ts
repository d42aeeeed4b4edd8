import assert from "node:assert/strict";
import { test } from "node:test";
import { layoutPicture } from "../../../../src/core/base/drawing/layoutPicture.ts";

test("boxes stand in the order in which they are read, whatever order they came in", () => {
  const boxes = ["end", "join", "left", "right", "start"].map((name) => ({
    name,
    shape: "round" as const,
    note: "step",
  }));
  const arrows = ["start left", "start right", "left join", "right join", "join end"].map((ends) => {
    const [from = "", to = ""] = ends.split(" ");
    return { from, to, label: "" };
  });
  const names = layoutPicture({ title: "F", boxes, arrows }).boxes.map(({ name }) => name);
  assert.deepEqual(
    [names[0], names.slice(1, 3).toSorted(), names.slice(3)],
    ["start", ["left", "right"], ["join", "end"]],
  );
});
