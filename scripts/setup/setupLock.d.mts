export function takeLock(file: string): Promise<() => Promise<void>>;
export function identify(pid: number): string;
