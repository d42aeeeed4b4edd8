const MAX_SLUG_LENGTH = 40;

/** `20261121-034455-digits-1a2b`: sorts by time (UTC), is a safe file name, and says what ran. */
export function makeRunId(title: string, createdAt: Date, suffix: string): string {
  const [date = "", time = ""] = createdAt.toISOString().split("T");
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, MAX_SLUG_LENGTH)
    .replace(/^-+|-+$/g, "");
  return `${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}-${slug || "run"}-${suffix}`;
}
