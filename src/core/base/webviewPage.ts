/** Where a page of a panel finds its files, and what it may load: nothing but them. */
export type WebviewHead = { cspSource: string; nonce: string; title: string; styles: readonly string[] };

/** A page up to its body. It may load its own files and nothing else; scripts need the nonce. */
export function renderWebviewHead({ cspSource, nonce, title, styles }: WebviewHead): string {
  return [
    "<!DOCTYPE html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${cspSource}; script-src 'nonce-${nonce}'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title.replaceAll(/[<>&"]/g, "")}</title>`,
    ...styles.map((style) => `<link rel="stylesheet" href="${style}">`),
    "</head>",
  ].join("\n");
}
