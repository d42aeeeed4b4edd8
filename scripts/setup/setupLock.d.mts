export function takeLock(file: string): Promise<() => Promise<void>>;
