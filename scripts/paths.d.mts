export const root: string;
export const hostFolder: string;
export const logFolder: string;
export const stampFolder: string;
export const pinnedNode: string;
export const sampleFolder: string;
export const codeServerFolder: string;
export const codeServerEntry: string;
