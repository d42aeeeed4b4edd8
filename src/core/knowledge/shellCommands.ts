/** Where one command ends and the next begins. */
const OPERATORS: ReadonlySet<string> = new Set(["&&", "||", ";", "|", "&", "\n", "(", ")"]);

/**
 * Comments, words and operators. A word is made of quoted pieces, of uses of variables (`$(PYTHON)`, `${NAME:-a b}`, `{{ name }}`)
 * and of anything else but blanks. What is never closed goes on to the end.
 */
const TOKEN =
  /#[^\n]*|(?:"(?:\\[^]|[^"\\])*"?|'[^']*'?|\$\([^()]*\)?|\$\{[^}]*\}?|\{\{[^}]*\}{0,2}|\\[^]|&(?=>)|(?<=[<>])&|[^\s"'\\;&|()])+|&&|\|\||[;|&\n()]/g;

/** The commands of a line of a shell, each as its words without their quotes. Nothing is expanded. */
export function shellCommands(text: string): string[][] {
  const commands: string[][] = [[]];
  for (const [token] of text.matchAll(TOKEN)) {
    if (OPERATORS.has(token)) {
      commands.push([]);
    } else if (!token.startsWith("#")) {
      commands.at(-1)?.push(unquoted(token));
    }
  }
  return commands.filter((words) => words.length > 0);
}

/** A backslash counts before what a shell would read otherwise, so that the paths of Windows stay. */
function unquoted(token: string): string {
  return token.replaceAll(/"((?:\\[^]|[^"\\])*)"?|'([^']*)'?|\\([\s"'\\;&|()])/g, (written, double, single, escaped) =>
    typeof double === "string" ? double.replaceAll(/\\(["\\$`])/g, "$1") : (single ?? escaped ?? written),
  );
}
