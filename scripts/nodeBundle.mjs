/**
 * How every bundle that Node runs is made.
 *
 * @type {import("esbuild").BuildOptions}
 */
export const nodeBundle = {
  bundle: true,
  format: "esm",
  platform: "node",
  // jsonc-parser's CommonJS build requires its own files by names that a bundler cannot see.
  mainFields: ["module", "main"],
  // Some packages are CommonJS and call `require`, which an ES module does not have.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
};
