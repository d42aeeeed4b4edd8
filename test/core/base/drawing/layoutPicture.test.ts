import assert from "node:assert/strict";
import { test } from "node:test";
import { layoutPicture } from "../../../../src/core/base/drawing/layoutPicture.ts";
import { renderSvg } from "../../../../src/core/base/drawing/renderSvg.ts";

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

test("the label of an arrow from a box to itself is hidden by no box", () => {
  const boxes = ["start", "loop", "other"].map((name) => ({ name, shape: "box" as const, note: "step" }));
  const ends = [
    ["start", "loop"],
    ["start", "other"],
    ["loop", "loop"],
  ] as const;
  const arrows = ends.map(([from, to]) => ({ from, to, label: from === to ? "continue" : "" }));
  const picture = layoutPicture({ title: "F", boxes, arrows });
  const { x, y } = picture.arrows.find(({ from, to }) => from === to)?.labelAt ?? assert.fail();
  for (const box of picture.boxes) {
    const isApart = Math.abs(box.y - y) >= box.height / 2 + 8 || Math.abs(box.x - x) >= box.width / 2 + 30;
    assert.ok(isApart, `the label lies on ${box.name}`);
  }
  assert.ok(x + 30 <= picture.width);
});

test("a stack leaves the head of the arrow that comes in free", () => {
  const stack = { name: "work", shape: "stack" as const, note: "foreach", x: 100, y: 100, width: 80, height: 48 };
  const svg = renderSvg({ title: "F", width: 200, height: 200, boxes: [stack], arrows: [] });
  const tops = [...svg.matchAll(/class="shape"[^>]* d="M[\d.]+ ([\d.]+)/g)].map(([, top]) => Number(top));
  assert.deepEqual(tops, [84, 80, 76]);
});
