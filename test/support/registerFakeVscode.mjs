import { registerHooks } from "node:module";

/*
 * Gives the sources under test a `vscode` module, for `import` and `require` alike:
 *   node --import ./test/support/registerFakeVscode.mjs --test "test/editor/<slice>/*.test.ts"
 */
const url = new URL("./fakeVscode.ts", import.meta.url).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    return specifier === "vscode"
      ? { url, format: "module-typescript", shortCircuit: true }
      : nextResolve(specifier, context);
  },
});
