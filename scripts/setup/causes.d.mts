export function findCause(printed: string): string | undefined;
export function findReason(printed: string): string | undefined;
