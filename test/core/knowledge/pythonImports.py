"""Prints, as JSON, the imports of Python files: for each path of the list on standard input, [[module, line], …] or null."""

import ast
import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")


def imports_of(path):
    try:
        source = path.read_bytes()
        source.decode("utf-8")
        tree = ast.parse(source)
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return None
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [[alias.name, node.lineno - 1] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(["." * node.level + (node.module or ""), node.lineno - 1])
    return sorted(found)


print(json.dumps({path: imports_of(Path(path)) for path in json.load(sys.stdin)}))
