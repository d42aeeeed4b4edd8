/** What to do about a notebook that is to be trained. */
export function notebookAdvice(path: string): string {
  return `\`${path}\` is a notebook, and Trainyard starts Python files. Convert it with \`jupyter nbconvert --to script "${path}"\` and name the result.`;
}
