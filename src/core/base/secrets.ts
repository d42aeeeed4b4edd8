export type SecretFinding = {
  /** What it looks like, as the end of "this looks like": "an AWS access key". */
  kind: string;
  /** Offset of its first character in UTF-16 units. */
  start: number;
  length: number;
};

/*
 * Prefixes and lengths are those that the issuers document for their tokens; each pattern is anchored by its prefix,
 * so that an ordinary identifier or hash is none.
 */
const TOKEN_SHAPES: readonly { kind: string; pattern: RegExp }[] = [
  { kind: "an AWS access key", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { kind: "a GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b/ },
  { kind: "a GitLab token", pattern: /\bglpat-[\w-]{20,}/ },
  { kind: "a Hugging Face token", pattern: /\bhf_[A-Za-z0-9]{30,}\b/ },
  { kind: "a Slack token", pattern: /\bxox[abeprs]-[A-Za-z0-9-]{10,}/ },
  { kind: "a Google API key", pattern: /\bAIza[\w-]{35}/ },
  { kind: "an API key", pattern: /\bsk-[\w-]{20,}/ },
  { kind: "a signed web token", pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{5,}/ },
  { kind: "a private key", pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/ },
  {
    kind: "an address with a password",
    // Bounded parts: a long dotted name would otherwise be tried from each of its dots to its end.
    pattern: /\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s/:@'"]{0,100}:(?![<${*])[^\s/@'"]{1,200}@/i,
  },
];

/** A name that holds a secret, an assignment, and a value: `api_key = "…"`, `password: …`. */
const ASSIGNMENT =
  /(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|credentials?)["']?\s*[:=]\s*(["']?)([^\s"',;)]{8,})\1/gi;
/** References, calls and placeholders: the value is somewhere else. */
const PLACEHOLDER = /^(?:[<${[*%(]|os\.|env|self\.|config|args|None|null|true|false|your|xxx|example|changeme|\.\.\.)/i;

/**
 * The first thing in a text that looks like a credential; undefined when nothing does. It judges by shape, so it
 * misses secrets that look like words; a text is never proven free of them.
 */
export function findSecret(text: string): SecretFinding | undefined {
  const findings = TOKEN_SHAPES.flatMap(({ kind, pattern }) => {
    const match = pattern.exec(text);
    return match === null ? [] : [{ kind, start: match.index, length: match[0].length }];
  });
  const assigned = findAssignedSecret(text);
  return [...findings, ...(assigned === undefined ? [] : [assigned])].toSorted((a, b) => a.start - b.start)[0];
}

function findAssignedSecret(text: string): SecretFinding | undefined {
  for (const match of text.matchAll(ASSIGNMENT)) {
    const value = match[2] ?? "";
    if (!PLACEHOLDER.test(value) && looksRandom(value)) {
      return { kind: "a password or key", start: match.index, length: match[0].length };
    }
  }
  return undefined;
}

/** Words and paths are names of secrets (`token: hub/token.txt`); a secret mixes letters with digits, or is long. */
function looksRandom(value: string): boolean {
  const hasBoth = /\d/.test(value) && /[A-Za-z]/.test(value);
  return (hasBoth || value.length >= 20) && !/[/\\(]/.test(value);
}
