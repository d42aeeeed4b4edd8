/** Whether a text can hold a flow at all; everything else costs nothing. */
export function mentionsMetaflow(text: string): boolean {
  return /\b(metaflow|FlowSpec)\b/.test(text);
}
