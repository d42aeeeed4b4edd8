import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Parser, Tree } from "web-tree-sitter";
import type { PythonParser } from "../../core/base/pythonSyntax.ts";
import { withoutTypeDefaults } from "../../core/base/typeDefaults.ts";

let loading: Promise<PythonParser> | undefined;

/** The one Python parser of this process, loaded on first use: 0.7 MB of WebAssembly that most sessions never need. */
export function loadPythonParser(): Promise<PythonParser> {
  loading ??= createParser();
  // A failed load may be a disk hiccup, so that the next call tries again.
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

async function createParser(): Promise<PythonParser> {
  const { Language, Parser } = await import("web-tree-sitter");
  await Parser.init({ locateFile: () => wasmPath("web-tree-sitter/web-tree-sitter.wasm") });
  const parser = new Parser().setLanguage(await Language.load(wasmPath("tree-sitter-python/tree-sitter-python.wasm")));
  return {
    read(source, visit) {
      const tree = parse(parser, source);
      try {
        return visit(tree.rootNode);
      } finally {
        tree.delete();
      }
    },
  };
}

function parse(parser: Parser, source: string): Tree {
  const tree = parser.parse(source);
  if (!tree) {
    throw new Error("The Python parser gave no tree.");
  }
  const plain = tree.rootNode.hasError ? withoutTypeDefaults(source) : source;
  if (plain === source) {
    return tree;
  }
  tree.delete();
  return parse(parser, plain);
}

/** The build copies both files beside the bundle; a run from the sources finds them where npm put them. */
function wasmPath(packagePath: string): string {
  const fileName = packagePath.slice(packagePath.lastIndexOf("/") + 1);
  const bundled = fileURLToPath(new URL(`./${fileName}`, import.meta.url));
  return existsSync(bundled) ? bundled : createRequire(import.meta.url).resolve(packagePath);
}
