export function replaceFolder(folder: string, build: () => Promise<void>): Promise<void>;
