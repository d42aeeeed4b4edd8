import assert from "node:assert/strict";
import { test } from "node:test";
import { curveImage } from "../../../src/core/dashboard/curvePicture.ts";
import { GrowingCurve } from "../../../src/core/dashboard/growingCurve.ts";

function imageOf(tag: string, values: number[]): { text: string; svg: string } {
  const curve = new GrowingCurve();
  curve.grow({ tag, steps: values.map((_, index) => index * 10), times: values.map(() => Number.NaN), values });
  const { summary } = curve;
  assert.ok(summary);
  const [, text = "", data = ""] =
    /^!\[([^\]]*)\]\(data:image\/svg\+xml,([^()]*)\)$/.exec(
      curveImage({ tag, summary, points: curve.points({ maxPoints: 100, smoothing: 0 }) }),
    ) ?? [];
  return { text, svg: decodeURIComponent(data) };
}

test("the picture of a curve is one image of a Markdown text, with its line and its best value", () => {
  const { text, svg } = imageOf("val_acc", [0, 1, Number.NaN, 0.5]);
  assert.equal(text, "val_acc from 0 to 0.5");
  assert.match(svg, /points="8,100 142,10 410,55"/);
  assert.match(svg, /<circle cx="142" cy="10"/);
});

test("a name cannot leave the picture", () => {
  const { text, svg } = imageOf('a](x)<b>&"', [1, 1]);
  assert.equal(text, 'a (x)<b>&" from 1 to 1');
  assert.match(svg, /<title>a\]\(x\)&lt;b&gt;&amp;&quot;<\/title>/);
});

test("a name with half of a character is drawn with a sign in its place", () => {
  assert.match(imageOf("loss \ud800", [1, 2]).svg, /<title>loss \ufffd<\/title>/);
});
