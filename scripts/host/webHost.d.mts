export type WebHostOptions = {
  /** The folder of settings and state; created when absent. */
  userDataDir: string;
  extensionsDir: string;
  /** Everything the host prints is appended here. */
  logFile: string;
  folder?: string;
  /** Absent: a free one. */
  port?: number;
  /** True lets VS Code ask whether the folder is trusted; otherwise every folder is. */
  isTrustAsked?: boolean;
  env?: Record<string, string>;
};

export type WebHost = {
  port: number;
  /** `http://127.0.0.1:PORT` */
  address: string;
  exited: Promise<number>;
  /** Ends the host and all its processes, politely first. */
  stop(): Promise<void>;
  /** Ends the host as a crash or a power cut would. */
  kill(): Promise<void>;
};

export function startWebHost(options: WebHostOptions): Promise<WebHost>;
export function findFreePort(): Promise<number>;
export function answers(address: string): Promise<boolean>;
