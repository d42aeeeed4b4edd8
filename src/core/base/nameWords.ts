/**
 * The words of a name as people write it ("churn training", "ChurnTraining", "churn-training_v2"), in lower case:
 * split at blanks, hyphens, underscores and before a capital that follows a small letter or digit.
 */
export function nameWords(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .split(/[\s_-]+/)
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
}
