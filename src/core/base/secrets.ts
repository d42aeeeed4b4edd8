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
  { kind: "an API key", pattern: /\bsk-[\w-]{20,}|\b[rs]k_live_[A-Za-z0-9]{16,}/ },
  { kind: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { kind: "a PyPI token", pattern: /\bpypi-[\w-]{50,}/ },
  { kind: "a Docker token", pattern: /\bdckr_[po]at_[\w-]{20,}/ },
  { kind: "a bearer token", pattern: /\bBearer\s+(?=[\w.~+/-]*\d)[\w.~+/-]{20,}/ },
  { kind: "a password", pattern: /\bcurl\s[^\n]{0,200}?\s(?:-u|--user)\s+["']?[^\s:"'$<]{1,100}:[^\s"'$<]{6,}/ },
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
  const findings = TOKEN_SHAPES.flatMap(({ kind, pattern }) => {
    const match = pattern.exec(text);
    return match === null ? [] : [{ kind, start: match.index, length: match[0].length }];
  });
  const assigned = findAssignedSecret(text);
  return [...findings, ...(assigned === undefined ? [] : [assigned])].toSorted((a, b) => a.start - b.start)[0];
}

/** More than a line of a manifest holds. */
const MAX_MASKED = 20;

/** The text with `…` in the place of what looks like a credential; names and addresses around it stay. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (let count = 0; count < MAX_MASKED; count++) {
    const found = findSecret(masked);
    if (found === undefined) {
      break;
    }
    const end = found.start + found.length;
    masked = masked.slice(0, found.start) + maskOne(masked.slice(found.start, end)) + masked.slice(end);
  }
  return masked;
}

function maskOne(secret: string): string {
  const name = /^(?:[a-z][a-z\d+.-]*:\/\/|[\w-]+["'\]]{0,2}\s*[:=]|\w+\s+is\b|curl\b)/i.exec(secret)?.[0] ?? "";
  return `${name}…${secret.endsWith("@") ? "@" : ""}`;
}

function findAssignedSecret(text: string): SecretFinding | undefined {
  const assigned = [...text.matchAll(ASSIGNMENT)].filter(([, , value = ""]) => looksRandom(value));
  const spoken = [...text.matchAll(SPOKEN)].filter(([, , value = ""]) => looksLikeNoWord(value));
  const found = [...assigned, ...spoken].find(([, , value = ""]) => !PLACEHOLDER.test(value));
  return found && { kind: "a password or key", start: found.index, length: found[0].length };
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
