/**
 * A patch that makes a file, as `git apply` takes it. Name and text are bytes, one for each character. Undefined for what
 * git would write in another way: a name that it quotes, a text that is none.
 */
export function newFilePatch(name: string, text: string): string | undefined {
  const isQuoted = JSON.stringify(name) !== `"${name}"` || name.includes("\x7f");
  if (isQuoted || text.includes("\0")) {
    return undefined;
  }
  const head = `diff --git a/${name} b/${name}\nnew file mode 100644\n`;
  if (text === "") {
    return head;
  }
  const isEnded = text.endsWith("\n");
  const lines = (isEnded ? text.slice(0, -1) : text).split("\n");
  // A tab ends a name with blanks.
  const places = `--- /dev/null\n+++ b/${name}${name.includes(" ") ? "\t" : ""}\n@@ -0,0 +1,${lines.length} @@\n`;
  const body = lines.map((line) => `+${line}\n`).join("");
  return `${head}${places}${body}${isEnded ? "" : "\\ No newline at end of file\n"}`;
}
