// npm start: sets everything up and opens examples/digits in VS Code with Trainyard loaded.
import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { prepareProfile } from "./host/profile.mjs";
import { findOnPath } from "./host/programs.mjs";
import { answers, findFreePort, startWebHost } from "./host/webHost.mjs";
import { hostFolder, logFolder, root, sampleFolder } from "./paths.mjs";
import { identify } from "./setup/setupLock.mjs";
import { STEPS, setUp } from "./setup.mjs";

const USAGE = `npm start                  the desktop VS Code if \`code\` is on PATH, else one that runs in the browser
npm start -- --web         the one in the browser
npm start -- --port 8080   the same, on this port
npm start -- --help        this
`;

const stateFile = join(hostFolder, "started.json");
/** Tried first, so that a bookmark and the browser's storage stay valid. */
const USUAL_PORT = 8311;

/** The sample says itself what to try, and its repository is this one, of which the person who tries it needs to know nothing. */
const FIRST_SETTINGS = { "workbench.startupEditor": "readme", "git.openRepositoryInParentFolders": "never" };

async function main() {
  const { web, port, help } = readOptions();
  if (help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const code = web || port !== undefined ? undefined : findOnPath(["code"]);
  if (code !== undefined) {
    await setUp(STEPS.desktop);
    return openDesktop(code);
  }
  await setUp(STEPS.web);
  const running = await findRunning();
  if (running === undefined) {
    return openWeb(port);
  }
  if (port !== undefined && port !== running.port) {
    process.stderr.write(
      `Trainyard runs already on port ${running.port}. End it with Ctrl-C where it was started, then: npm start -- --port ${port}\n`,
    );
    return 1;
  }
  announce("Trainyard runs already. Open it in a browser, or reload the page there:", running.address);
  return 0;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      web: { type: "boolean", default: false },
      port: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw new TypeError(`--port takes a number from 1 to 65535, not "${values.port}".`);
  }
  return { web: values.web, port, help: values.help };
}

/** @param {string} code */
function openDesktop(code) {
  process.stdout.write(`\nOpening examples/digits in ${code}, with Trainyard loaded.\n`);
  return new Promise((resolve) => {
    const parameters = [`--extensionDevelopmentPath=${root}`, sampleFolder];
    const child = spawn(code, parameters, { stdio: "inherit", shell: process.platform === "win32" });
    child.once("error", () => resolve(1));
    child.once("exit", resolve);
  });
}

/** @param {number | undefined} wantedPort */
async function openWeb(wantedPort) {
  const port = wantedPort ?? ((await isFree(USUAL_PORT)) ? USUAL_PORT : await findFreePort());
  if (!(await isFree(port))) {
    process.stderr.write(`Port ${port} is taken by another program. Choose another: npm start -- --port N\n`);
    return 1;
  }
  const profile = join(hostFolder, "profile");
  const userDataDir = join(profile, "data");
  const extensionsDir = join(profile, "extensions");
  await prepareProfile({ userDataDir, extensionsDir, settings: FIRST_SETTINGS, extensions: [root] });
  const logFile = join(logFolder, "web-host.log");
  await rm(logFile, { force: true });
  const host = await startWebHost({ userDataDir, extensionsDir, port, logFile });
  const address = `${host.address}/?folder=${encodeURIComponent(sampleFolder)}`;
  await writeFile(stateFile, JSON.stringify({ owner: identify(process.pid), port: host.port, address }));
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.once(signal, () => void host.stop());
  }
  announce("VS Code with Trainyard and examples/digits is ready. Open in a browser:", address);
  process.stdout.write("  The address works on this machine only, for everybody who is logged in to it.\n");
  process.stdout.write("  Ctrl-C here ends it; a training that runs goes on.\n\n");
  const exitCode = await host.exited;
  await rm(stateFile, { force: true });
  process.stdout.write("VS Code has ended.\n");
  return exitCode;
}

/**
 * @param {string} sentence
 * @param {string} address
 */
function announce(sentence, address) {
  process.stdout.write(`\n  ${sentence}\n\n      ${address}\n\n`);
}

/**
 * The web host that an earlier `npm start` left running. Another program may answer on its port by now.
 * @returns {Promise<{ port: number, address: string } | undefined>}
 */
async function findRunning() {
  try {
    const { owner, port, address } = JSON.parse(await readFile(stateFile, "utf8"));
    const isThere = identify(Number.parseInt(owner, 10)) === owner;
    return isThere && (await answers(`http://127.0.0.1:${port}`)) ? { port, address } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
