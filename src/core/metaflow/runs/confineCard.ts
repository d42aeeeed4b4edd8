/**
 * What a card may do: draw itself with the program, styles, fonts and images that its page holds. `default-src 'none'`
 * leaves no connection, no frame, no form and no other file.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  "img-src data: blob:",
  "font-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The page of a card with its policy in front of everything that it holds, since a policy binds what comes after it. */
export function confineCard(page: string): string {
  const meta = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`;
  const doctype = /^\s*<!doctype[^>]*>/i.exec(page)?.[0] ?? "<!DOCTYPE html>";
  // A page in front of whose `<html>` stands a meta gets its head from that meta on, by the rules of HTML.
  return `${doctype}${meta}${page.replace(/^\s*<!doctype[^>]*>/i, "")}`;
}
