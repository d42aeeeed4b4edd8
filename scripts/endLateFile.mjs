// Loaded into the processes of tests, and ends one that runs for too long. node's own limit ends a test, and neither its file
// nor what a test leaves running (a timer, a server, a child); `--test-force-exit` would, but loses results of a file that
// failed, and errors that come after its last test.

const limitMs = Number(process.env["TRAINYARD_TEST_FILE_LIMIT_MS"] ?? 1_200_000);
const holdsTests = process.env["NODE_TEST_CONTEXT"] !== undefined || process.execArgv.includes("--test-isolation=none");

if (holdsTests) {
  setTimeout(endThisProcess, limitMs).unref();
}

function endThisProcess() {
  const files = process.argv.slice(1);
  const what = files.length === 1 ? files[0] : `The process of ${files.length} test files`;
  const running = process.getActiveResourcesInfo().join(", ");
  process.stderr.write(
    `${what} was ended after ${limitMs / 1000} s. A test waits, or left running one of: ${running}\n`,
  );
  process.once("exit", () => {
    process.exitCode = 1;
  });
  // The test runner reports what it knows before it ends.
  process.kill(process.pid, "SIGTERM");
}
