"""Prints, as JSON, what packaging says of markers under ranges of Python, and of pairs of specifiers."""

import json
import sys

from packaging.markers import Marker, default_environment
from packaging.specifiers import SpecifierSet
from packaging.version import Version

cases = json.loads(sys.argv[1])
pythons = [f"{minor}.{patch}" for minor in ["2.7", *(f"3.{n}" for n in range(31))] for patch in (*range(14), 40)]
probes = [Version(text) for text in cases["probes"]]


def verdicts(requires, marker):
    allowed = [python for python in pythons if SpecifierSet(requires).contains(Version(python))]
    environments = (
        {**default_environment(), "python_version": python.rpartition(".")[0], "python_full_version": python}
        for python in allowed
    )
    return sorted({Marker(marker).evaluate(environment) for environment in environments})


def shared(one, other):
    both = SpecifierSet(one) & SpecifierSet(other)
    return any(both.contains(probe, prereleases=True) for probe in probes)


print(json.dumps({
    "markers": [verdicts(*case) for case in cases["markers"]],
    "pairs": [shared(*pair) for pair in cases["pairs"]],
}))
