/*
 * A version of a Python package (PEP 440):
 *
 *   [v] [epoch!] release [(a|b|rc)N] [.postN] [.devN] [+local]      1!2.0rc1.post2.dev3+cu126
 */

export type Version = {
  /** Numbers are kept as digits without leading zeros: a date stamp may be larger than a safe integer. */
  epoch: string;
  release: readonly string[];
  pre?: { phase: "a" | "b" | "rc"; number: string };
  post?: string;
  dev?: string;
  local?: readonly string[];
};

/** Longer than any real version, and short enough that hostile text costs nothing. */
const MAX_VERSION_CHARACTERS = 200;

const PATTERN =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

const PHASES = { alpha: "a", a: "a", beta: "b", b: "b", preview: "rc", pre: "rc", c: "rc", rc: "rc" } as const;

export function parseVersion(text: string): Version | undefined {
  const match = text.length <= MAX_VERSION_CHARACTERS ? PATTERN.exec(text.trim().toLowerCase()) : null;
  if (!match) {
    return undefined;
  }
  const [, epoch = "0", release = "", phase, preNumber, barePost, post, postNumber, dev, devNumber, local] = match;
  return {
    epoch: digits(epoch),
    release: release.split(".").map(digits),
    ...(isPhase(phase) ? { pre: { phase: PHASES[phase], number: digits(preNumber) } } : {}),
    ...(barePost === undefined && post === undefined ? {} : { post: digits(barePost ?? postNumber) }),
    ...(dev === undefined ? {} : { dev: digits(devNumber) }),
    ...(local === undefined
      ? {}
      : { local: local.split(/[-_.]/).map((part) => (/^\d+$/.test(part) ? digits(part) : part)) }),
  };
}

/** Negative, zero or positive, in the order of PEP 440: dev releases first, then previews, the release, its posts. */
export function compareVersions(a: Version, b: Version): number {
  return comparePublic(a, b) || compareLocal(a.local, b.local);
}

/** Like `compareVersions`, without the part behind the `+`. */
export function comparePublic(a: Version, b: Version): number {
  return (
    compareBase(a, b) || comparePre(a, b) || compareOptional(a.post, b.post, -1) || compareOptional(a.dev, b.dev, 1)
  );
}

/** Compares epoch and release only, `1.0` being `1.0.0`. */
function compareBase(a: Version, b: Version): number {
  return (
    compareDigits(a.epoch, b.epoch) || comparePrefix(a.release, b.release, Math.max(a.release.length, b.release.length))
  );
}

/** Compares the first numbers of two releases; missing ones are zeros. */
export function comparePrefix(a: readonly string[], b: readonly string[], length: number): number {
  for (let index = 0; index < length; index++) {
    const order = compareDigits(a[index] ?? "0", b[index] ?? "0");
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

export function isPrerelease(version: Version): boolean {
  return version.pre !== undefined || version.dev !== undefined;
}

/** A bare `.devN` stands before all previews of its release, a release without preview behind them. */
function comparePre(a: Version, b: Version): number {
  const rank = ({ pre, post, dev }: Version) =>
    pre === undefined ? (post === undefined && dev !== undefined ? -1 : 1) : 0;
  const order = rank(a) - rank(b);
  if (order !== 0 || !a.pre || !b.pre) {
    return order;
  }
  return a.pre.phase === b.pre.phase ? compareDigits(a.pre.number, b.pre.number) : a.pre.phase < b.pre.phase ? -1 : 1;
}

function compareOptional(a: string | undefined, b: string | undefined, whenAbsent: 1 | -1): number {
  if (a === undefined || b === undefined) {
    return a === b ? 0 : a === undefined ? whenAbsent : -whenAbsent;
  }
  return compareDigits(a, b);
}

/** Segments of numbers come behind segments of letters; a longer local part behind its own prefix. */
function compareLocal(a: readonly string[] | undefined, b: readonly string[] | undefined): number {
  const [left, right] = [a ?? [], b ?? []];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [x, y] = [left[index], right[index]];
    if (x === undefined || y === undefined) {
      return x === undefined ? -1 : 1;
    }
    const [isNumberX, isNumberY] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    const order =
      isNumberX && isNumberY ? compareDigits(x, y) : isNumberX === isNumberY ? compareText(x, y) : isNumberX ? 1 : -1;
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

function compareDigits(a: string, b: string): number {
  return a.length === b.length ? compareText(a, b) : a.length - b.length;
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function digits(text: string | undefined): string {
  return (text ?? "").replace(/^0+(?=\d)/, "") || "0";
}

function isPhase(text: string | undefined): text is keyof typeof PHASES {
  return text !== undefined && Object.hasOwn(PHASES, text);
}
