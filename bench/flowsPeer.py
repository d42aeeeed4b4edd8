"""Metaflow's side of `bench/flows.mjs`: how long it takes inside of a running process.

    python flowsPeer.py FOLDER < requests > answers

A request is one line: `flow NAME ROUNDS` draws up the graph of a module's flow, `lint NAME` draws it up and checks it. The answer is
the milliseconds of CPU time and of the clock, of the median round.
"""

import importlib
import statistics
import sys
import time

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
sys.setrecursionlimit(20000)

from metaflow import FlowSpec
from metaflow.graph import FlowGraph
from metaflow.lint import linter


def flow_of(name):
    module = importlib.import_module(name)
    flows = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, FlowSpec)]
    return [each for each in flows if each.__module__ == name][-1]


def measure(work, rounds):
    spent = []
    for _ in range(rounds):
        clock, processor = time.perf_counter(), time.process_time()
        work()
        spent.append((time.process_time() - processor, time.perf_counter() - clock))
    return [statistics.median(each) * 1000 for each in zip(*spent)]


def import_and_read(name):
    sys.modules.pop(name, None)
    FlowGraph(flow_of(name)).output_steps()


for line in sys.stdin:
    kind, name, *rounds = line.split()
    if kind == "flow":
        result = measure(lambda: import_and_read(name), int(rounds[0]))
    else:
        result = measure(lambda: linter.run_checks(FlowGraph(flow_of(name))), 1)
    print("%.4f %.4f" % tuple(result), flush=True)
