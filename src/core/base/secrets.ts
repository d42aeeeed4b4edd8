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
  { kind: "an AWS access key", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { kind: "a GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b/g },
  { kind: "a GitLab token", pattern: /\bglpat-[\w-]{20,}/g },
  { kind: "a Hugging Face token", pattern: /\bhf_[A-Za-z0-9]{30,}\b/g },
  { kind: "a Slack token", pattern: /\bxox[abeprs]-[A-Za-z0-9-]{10,}/g },
  { kind: "a Google API key", pattern: /\bAIza[\w-]{35}/g },
  { kind: "an API key", pattern: /\bsk-[\w-]{20,}|\b[rs]k_live_[A-Za-z0-9]{16,}/g },
  { kind: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { kind: "a PyPI token", pattern: /\bpypi-[\w-]{50,}/g },
  { kind: "a Docker token", pattern: /\bdckr_[po]at_[\w-]{20,}/g },
  { kind: "a bearer token", pattern: /\bBearer\s+(?=[\w.~+/-]*\d)[\w.~+/-]{20,}/g },
  { kind: "a password", pattern: /\bcurl\s[^\n]{0,200}?\s(?:-u|--user)\s+["']?[^\s:"'$<]{1,100}:[^\s"'$<]{6,}/g },
  { kind: "a signed web token", pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{5,}/g },
  { kind: "a private key", pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/g },
  {
    kind: "an address with a password",
    // Bounded parts: a long dotted name would otherwise be tried from each of its dots to its end.
    pattern: /\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s/:@'"]{0,100}:(?![<${*])[^\s/@'"]{1,200}@/gi,
  },
];

/** A name that holds a secret, an assignment, and a value: `api_key = "…"`, `password: …`. */
const ASSIGNMENT =
  /(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|credentials?)["'\]]{0,2}\s*[:=]\s*(["']?)([^\s"',;)]{8,})\1/gi;
/** The same in a sentence: `the database password is …`. */
const SPOKEN = /\b(?:password|passwd|passphrase|secret|token|key)\s+is\s+(["'`]?)([^\s"'`,;)]{8,})\1/gi;
/** References, calls and placeholders: the value is somewhere else. */
const PLACEHOLDER = /^(?:[<${[*%(]|os\.|env|self\.|config|args|None|null|true|false|your|xxx|example|changeme|\.\.\.)/i;

/**
 * The first thing in a text that looks like a credential; undefined when nothing does. It judges by shape, so it
 * misses secrets that look like words; a text is never proven free of them.
 */
export function findSecret(text: string): SecretFinding | undefined {
  return listSecrets(text)[0];
}

/** The text with `…` in the place of what looks like a credential; names and addresses around it stay. */
export function maskSecrets(text: string): string {
  return maskSpans(text, findSecretSpans(text));
}

/** A stretch of a text, in UTF-16 units; `end` is behind it. */
export type Span = { start: number; end: number };

/** What of the text is to be hidden, by its shape, from left to right and apart from each other. */
export function findSecretSpans(text: string): Span[] {
  const spans = listSecrets(text).map(({ start, length }) => hiddenPart(text, start, start + length));
  return joinSpans(spans);
}

/** The spans from left to right; those that overlap are one, which is the first of them made longer. */
export function joinSpans<S extends Span>(spans: readonly S[]): S[] {
  const joined: S[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last !== undefined && span.start < last.end) {
      joined[joined.length - 1] = { ...last, end: Math.max(last.end, span.end) };
    } else {
      joined.push(span);
    }
  }
  return joined;
}

/** The text with a mask, or what is given instead, in the place of each of the spans. */
export function maskSpans<S extends Span>(text: string, spans: readonly S[], replace: (span: S) => string = () => "…") {
  let at = 0;
  const pieces = spans.map((span) => {
    const before = text.slice(at, span.start);
    at = span.end;
    return before + replace(span);
  });
  return pieces.join("") + text.slice(at);
}

/** All that looks like a credential, from left to right. */
function listSecrets(text: string): SecretFinding[] {
  const findings = TOKEN_SHAPES.flatMap(({ kind, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({ kind, start: match.index, length: match[0].length })),
  );
  return [...findings, ...listAssignedSecrets(text)].toSorted((a, b) => a.start - b.start);
}

/** Without the name or the address that stands in it, and without quotes around it. */
function hiddenPart(text: string, start: number, end: number): Span {
  const found = text.slice(start, end);
  const name = /^(?:[a-z][a-z\d+.-]*:\/\/|[\w-]+["'\]]{0,2}\s*[:=]\s*["']?|\w+\s+is\b|curl\b)/i.exec(found)?.[0] ?? "";
  return { start: start + name.length, end: /[@"']$/.test(found) ? end - 1 : end };
}

function listAssignedSecrets(text: string): SecretFinding[] {
  const assigned = [...text.matchAll(ASSIGNMENT)].filter(([, , value = ""]) => looksRandom(value));
  const spoken = [...text.matchAll(SPOKEN)].filter(([, , value = ""]) => looksLikeNoWord(value));
  return [...assigned, ...spoken]
    .filter(([, , value = ""]) => !PLACEHOLDER.test(value))
    .map((found) => ({ kind: "a password or key", start: found.index, length: found[0].length }));
}

/** Words and paths are names of secrets (`token: hub/token.txt`); a secret mixes letters with digits, or is long. */
function looksRandom(value: string): boolean {
  if (/[/\\(]/.test(value)) {
    return isBase64(value);
  }
  return (/\d/.test(value) && /[A-Za-z]/.test(value)) || value.length >= 20;
}

/** Keys in base 64 contain slashes too, as those of AWS and Azure do; of a path few characters are digits. */
function isBase64(value: string): boolean {
  const digits = value.match(/\d/g)?.length ?? 0;
  return /^[A-Za-z0-9+/]{32,}={0,2}$/.test(value) && digits >= 3 && /[a-z]/.test(value) && /[A-Z]/.test(value);
}

/** A sentence also says of a column that it is the key: a secret is longer than a name, or mixes what names do not. */
function looksLikeNoWord(value: string): boolean {
  const mixes = [/\d/, /[a-z]/, /[A-Z]/, /[^\w.-]/].filter((kind) => kind.test(value)).length;
  return looksRandom(value) && (mixes >= 3 || (value.length >= 20 && /\d/.test(value)));
}
