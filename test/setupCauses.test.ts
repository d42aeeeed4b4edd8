import assert from "node:assert/strict";
import { test } from "node:test";
import { findCause, findReason } from "../scripts/setup/causes.mjs";

const NPM_LOCK = `npm error code EUSAGE
npm error
npm error The \`npm ci\` command can only install with an existing package-lock.json
npm error Run "npm help ci" for more info
npm error A complete log of this run can be found in: /home/ada/.npm/_logs/debug-0.log
`;
const NPM_DAMAGED = `npm error code EINTEGRITY
npm error sha512-AAAA integrity checksum failed when using sha512
npm error A complete log of this run can be found in: /home/ada/.npm/_logs/debug-0.log
`;
const APT_WITHOUT_NETWORK = `$ apt-get update
W: Failed to fetch http://mirror.example/debian/dists/bookworm/InRelease  Temporary failure resolving 'mirror.example'
W: Some index files failed to download. They have been ignored, or old ones used instead.
$ apt-get install -y chromium
E: Unable to locate package chromium
`;

test("a failure is told by the line that says why", () => {
  assert.match(findReason(NPM_LOCK) ?? "", /can only install with an existing package-lock/);
  assert.match(findReason(NPM_DAMAGED) ?? "", /integrity checksum failed/);
  assert.equal(findReason("building\nit broke\n\n"), "it broke");
  assert.equal(findReason("\n"), undefined);
});

test("the cause is found in all that was printed", () => {
  assert.match(findCause(APT_WITHOUT_NETWORK) ?? "", /could not be reached/);
  assert.match(
    findCause("E: Could not connect to 127.0.0.1:9 - connect (111: Connection refused)") ?? "",
    /be reached/,
  );
  assert.match(findCause("write failed: No space left on device") ?? "", /disk is full/);
  assert.equal(findCause("E: Unable to locate package chromium"), undefined);
});
