import { escapeHtml, markdownToHtml } from "../base/markdownHtml.ts";

/** One file that needs nothing else and runs nothing; light or dark as the reader's system is, and fit for paper. */
const STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --faint: #59636e; --page: #fff; --raised: #f6f8fa; --line: #d1d9e0; --link: #0969da; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --faint: #9198a1; --page: #0d1117; --raised: #151b23; --line: #3d444d; --link: #4493f8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.6 system-ui, sans-serif; }
main, nav { max-width: 58rem; margin: 0 auto; padding: 0 1.5rem; }
nav { border-bottom: 1px solid var(--line); padding-block: 1rem; color: var(--faint); }
nav ol { columns: 2 20rem; margin: 0.5rem 0 0; padding-left: 1.5rem; }
h1, h2, h3 { line-height: 1.25; margin: 2em 0 0.6em; }
h1, h2 { padding-bottom: 0.25em; border-bottom: 1px solid var(--line); }
a { color: var(--link); }
code { font: 0.875em ui-monospace, monospace; background: var(--raised); padding: 0.15em 0.35em; border-radius: 4px; overflow-wrap: anywhere; }
pre { background: var(--raised); padding: 1rem; border-radius: 6px; overflow-x: auto; }
pre code { padding: 0; background: none; overflow-wrap: normal; }
.table { overflow-x: auto; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { border: 1px solid var(--line); padding: 0.4em 0.8em; text-align: left; vertical-align: top; }
th { background: var(--raised); }
blockquote { margin: 1em 0; padding-left: 1em; border-left: 4px solid var(--line); color: var(--faint); }
@media print { nav { display: none; } h1, h2 { break-after: avoid; } pre, tr { break-inside: avoid; } }
`;

/** The dossier as a page, from the same Markdown. Its policy lets nothing run and nothing load, whatever a document says. */
export function renderDossierPage(title: string, markdown: string): string {
  const chapters: { id: string; title: string }[] = [];
  const body = markdownToHtml(markdown, (heading) => {
    const id = `part-${chapters.length + 1}`;
    chapters.push({ id, title: heading });
    return id;
  });
  const levels = [...body.matchAll(/<h([12]) id="(part-\d+)">/g)]
    .filter(([, level]) => level === "2")
    .map(([, , id]) => id);
  const contents = chapters
    .filter(({ id }) => levels.includes(id))
    .map(({ id, title: text }) => `<li><a href="#${id}">${markdownToHtml(text).replaceAll(/<[^>]*>/g, "")}</a></li>`);
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style>`,
    "</head>",
    "<body>",
    ...(contents.length === 0 ? [] : [`<nav>Contents\n<ol>\n${contents.join("\n")}\n</ol>\n</nav>`]),
    `<main>\n${body}\n</main>`,
    "</body>",
    "</html>",
    "",
  ].join("\n");
}
