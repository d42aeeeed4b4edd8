import assert from "node:assert/strict";
import { test } from "node:test";
import { renderDossierPage } from "../../../src/core/workflow/dossierPage.ts";

test("neither the title nor a heading of a dossier ends what it stands in", () => {
  const hostile = "digits</title><script>alert(1)</script>";
  const page = renderDossierPage(hostile, `# One\n\n## ${hostile}\n\nText <img src=x onerror=alert(1)>\n`);
  assert.doesNotMatch(page, /<script|<img/);
  assert.match(page, /<title>digits&lt;\/title&gt;&lt;script&gt;alert\(1\)&lt;\/script&gt;<\/title>/);
  assert.equal(page.split("</title>").length, 2);
  assert.match(page, /<nav>[\s\S]*<a href="#part-2">digits&lt;\/title&gt;/);
});
