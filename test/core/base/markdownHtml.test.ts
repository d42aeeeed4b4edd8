import assert from "node:assert/strict";
import { test } from "node:test";
import { markdownToHtml } from "../../../src/core/base/markdownHtml.ts";

function check(markdown: string, expected: string): void {
  assert.equal(markdownToHtml(markdown).replaceAll("\n", ""), expected);
}

test("blocks are what they look like", () => {
  check("# Title\n\nOne\ntwo.\n\nThree.", "<h1>Title</h1><p>Onetwo.</p><p>Three.</p>");
  check("- a\n- b\n  - c\n\nd", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>d</p>");
  check("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>");
  check("> said\n> twice", "<blockquote><p>saidtwice</p></blockquote>");
  check("---", "<hr>");
  check("```python\n# no title\n<b>\n```\nafter", "<pre><code># no title&lt;b&gt;</code></pre><p>after</p>");
  check("````md\n```\nx\n```\n````", "<pre><code>```x```</code></pre>");
  check("```\nnever closed", "<pre><code>never closed</code></pre>");
});

test("tables keep their cells, also those with a bar or code in them", () => {
  assert.match(
    markdownToHtml("| a | b |\n| --- | :-: |\n| 1 \\| 2 | `x` |\n|  | y |\n\nend"),
    /<thead><tr><th>a<\/th><th>b<\/th><\/tr><\/thead>\n<tbody>\n<tr><td>1 \| 2<\/td><td><code>x<\/code><\/td><\/tr>\n<tr><td><\/td><td>y<\/td><\/tr>\n<\/tbody>\n<\/table><\/div>\n<p>end<\/p>$/,
  );
  check("a | b\nno table", "<p>a | bno table</p>");
});

test("inside of a line there are bold, italics, code, links and escapes", () => {
  check("**a** _b_ `c` x_y_z", "<p><strong>a</strong> <em>b</em> <code>c</code> x_y_z</p>");
  check("`` a`b ``", "<p><code>a`b</code></p>");
  check("\\*no\\* \\<", "<p>*no* &lt;</p>");
  check("[t](https://a.b/c?d=1&e)", '<p><a href="https://a.b/c?d=1&amp;e" rel="noreferrer">t</a></p>');
  check("** a", "<p>** a</p>");
});

test("nothing of a document becomes markup or runs", () => {
  check("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
  check("[x](javascript:alert(1))", "<p>x)</p>");
  check("[x](command:trainyard.approvePhase)", "<p>x</p>");
  check('[x](https://a"onclick="b)', '<p><a href="https://a&quot;onclick=&quot;b" rel="noreferrer">x</a></p>');
  check("![x](https://a/b.png)", '<p>!<a href="https://a/b.png" rel="noreferrer">x</a></p>');
  check("**<img src=x onerror=y>**", "<p><strong>&lt;img src=x onerror=y&gt;</strong></p>");
  check(
    "| <b> | x |\n| --- | --- |",
    '<div class="table"><table><thead><tr><th>&lt;b&gt;</th><th>x</th></tr></thead><tbody></tbody></table></div>',
  );
});

test("marks without an end and deep nesting take no time", () => {
  const started = performance.now();
  markdownToHtml("**a ".repeat(20_000));
  markdownToHtml("`".repeat(20_001));
  markdownToHtml("> ".repeat(5_000));
  markdownToHtml(Array.from({ length: 2_000 }, (_, depth) => `${" ".repeat(depth)}- x`).join("\n"));
  assert.ok(performance.now() - started < 5_000);
});
