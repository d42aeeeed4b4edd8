"""What Metaflow itself says about many flow files, in one process.

    python oracle.py FOLDER < names > answers

Reads one file name per line and writes one line of JSON for each: the graph as `output-raw --json` gives it, or why there is
none, and the first mistake that Metaflow's lint finds.
"""

import importlib
import json
import re
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
sys.setrecursionlimit(20000)

from metaflow import FlowSpec
from metaflow.graph import FlowGraph
from metaflow.lint import LintWarn, linter


def flow_of(module):
    """The class that the file would run: the last flow that it defines itself."""
    own = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, FlowSpec)]
    return [each for each in own if each.__module__ == module.__name__][-1]


def first_mistake(graph):
    for check in linter._checks:
        if not any(getattr(linter, attribute) for attribute in check.attrs):
            continue
        try:
            check(graph)
        except LintWarn as warning:
            return {"rule": check.__name__, "line": getattr(warning, "line_no", None), "step": step_at(graph, warning)}
        except Exception as error:
            return {"rule": check.__name__, "crash": type(error).__name__, "step": None}
    return None


def step_at(graph, warning):
    line = getattr(warning, "line_no", None)
    for node in graph:
        is_here = getattr(warning, "source_file", None) == node.source_file
        if is_here and line and line in (node.func_lineno, node.tail_next_lineno):
            return node.name
    return None


def answer(name):
    try:
        module = importlib.import_module(name)
        flow = flow_of(module)
    except Exception as error:
        return {"error": "%s: %s" % (type(error).__name__, error)}
    graph = FlowGraph(flow)
    result = {"flow": flow.__name__, "order": graph.sorted_nodes, "mistake": first_mistake(graph)}
    if result["mistake"] is None:
        steps, structure = graph.output_steps()
        for step in steps.values():
            for decorator in step["decorators"]:
                # As in a file that is run and not imported.
                decorator["name"] = re.sub("^%s\\." % name, "__main__.", decorator["name"])
        result["graph"] = {"graph": steps, "graph_structure": structure}
        result["dot"] = graph.output_dot()
    return result


for line in sys.stdin:
    name = line.strip()
    print(json.dumps({"name": name, **answer(name)}), flush=True)
