export function findOnPath(names: readonly string[]): string | undefined;
export function findBrowser(): string | undefined;
