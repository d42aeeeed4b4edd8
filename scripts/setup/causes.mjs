/** Causes that a person can do something about, by what the tools print. */
const KNOWN_CAUSES = [
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|NewConnectionError|ConnectTimeoutError|Temporary failure (in name resolution|resolving)|Could not resolve host|Failed to establish a new connection|(Could not|Unable to) connect to|Failed to fetch/i,
    sentence:
      "The package server could not be reached. Connect to the network (or set a proxy or mirror), then try again.",
  },
  {
    pattern: /No matching distribution found|Could not find a version that satisfies/i,
    sentence:
      "The package server offers no package for this Python and this machine. Check the network, pip's index setting and the Python version (3.11 to 3.13 are known to work), then try again.",
  },
  {
    pattern: /ENOSPC|No space left on device/i,
    sentence: "The disk is full. Free some space, then try again.",
  },
  {
    pattern: /EACCES|Permission denied/i,
    sentence: "A file or folder could not be written. Check who owns the repository folder, then try again.",
  },
];

/** npm prints its reason first, below a code, and then where its help and its log are. */
const NPM_REASON = /^npm (?:error|ERR!) (?!code |errno |syscall |path |A complete log)\S/;

/**
 * What a person can do about a failure, by what was printed; undefined where that is not known.
 * @param {string} printed
 */
export function findCause(printed) {
  return KNOWN_CAUSES.find(({ pattern }) => pattern.test(printed))?.sentence;
}

/**
 * The line that says best why a command failed; undefined where it printed nothing.
 * @param {string} printed
 */
export function findReason(printed) {
  const lines = printed
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.find((line) => NPM_REASON.test(line)) ?? lines.at(-1);
}
