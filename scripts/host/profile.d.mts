export type ProfileOptions = {
  userDataDir: string;
  extensionsDir: string;
  /** Added to quiet defaults; settings that the profile has already are kept. */
  settings?: Record<string, unknown>;
  /** Folders with a package.json, each linked as an installed extension. */
  extensions: readonly string[];
};

export function prepareProfile(options: ProfileOptions): Promise<void>;
export function exists(path: string): Promise<boolean>;
