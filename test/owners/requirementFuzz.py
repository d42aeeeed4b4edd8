"""Prints, as JSON, what packaging makes of thousands of requirements that it puts together from odd parts."""

import json
import random
import sys

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement

environments, probes, count = json.loads(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3])
dice = random.Random(7)

NAMES = ["torch", "a_b", "A.B-c", "x", "zope.interface", "-x", "x-", "1a"]
EXTRAS = ["[a]", "[a,b]", "[]", "[a,]", " [A_b]", "[a b]"]
VERSIONS = (
    "1|1.0|1.0.*|2.0rc1|1.0.post1|1!2.0|1.0+cu1|1.0.dev1|1.*.0|1.0-1|v1.0|1.0a|2024.1|1.0.0.0|1.0.post1.dev2|1.0a1.post1|"
    "1.0+CU_1|1.0 |01.0|1.0_1"
).split("|")
OPERATORS = ["==", ">=", "<=", "<", ">", "!=", "~=", "===", "=", "=>"]
ADDRESSES = ["https://x.org/a.whl", "file:///a b", "git+https://x/y@v1#egg=z", "./local", "https://x/y;z"]
VARIABLES = (
    "python_version sys_platform extra os_name python_full_version platform_release implementation_version os.name extras "
    "dependency_groups platform_machine foo"
).split()
VALUES = ["'3.8'", '"linux"', '"win32"', "'3.8.*'", "'3'", '"3.11.7"', "'abc'", "''", '"3.8, 3.9"', '"6.1.0-generic"', '"Test_Extra"']
COMPARISONS = ["==", "!=", "<", ">", "<=", ">=", "~=", "in", "not in", "===", "not  in"]


def comparison():
    left, right = dice.choice(VARIABLES), dice.choice(VALUES)
    if dice.random() < 0.25:
        left, right = right, left
    if dice.random() < 0.03:
        left = dice.choice(VALUES)
    return f"{left} {dice.choice(COMPARISONS)} {right}"


def marker(depth=0):
    kind = dice.random()
    if kind < 0.5 or depth > 2:
        return comparison()
    if kind < 0.7:
        return f"({marker(depth + 1)})"
    return marker(depth + 1) + dice.choice([" and ", " or ", "and ", ")and("]) + marker(depth + 1)


def clause():
    return dice.choice(OPERATORS) + dice.choice(["", "", " "]) + dice.choice(VERSIONS)


def requirement():
    text = dice.choice(NAMES) + (dice.choice(EXTRAS) if dice.random() < 0.25 else "")
    kind = dice.random()
    if kind < 0.12:
        text += dice.choice([" @ ", "@", "@ "]) + dice.choice(ADDRESSES) + dice.choice(["", " "])
    elif kind < 0.8:
        clauses = dice.choice([",", ",", ", ", ",,", " "]).join(clause() for _ in range(dice.randint(1, 3)))
        clauses = f"({clauses})" if dice.random() < 0.15 else clauses
        text += dice.choice(["", " "]) + clauses + ("," if dice.random() < 0.05 else "")
    return text + (dice.choice([";", " ; ", "; "]) + marker() if dice.random() < 0.45 else "")


def applies(written, environment):
    try:
        return written.evaluate(environment)
    except (UndefinedComparison, UndefinedEnvironmentName):
        return None


def answer(text):
    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        return {"text": text, "isValid": False}
    return {
        "text": text,
        "isValid": True,
        "name": parsed.name,
        "extras": sorted(parsed.extras),
        "url": parsed.url,
        "clauses": len(parsed.specifier),
        "specifiers": ",".join(sorted(str(clause) for clause in parsed.specifier)),
        "marker": str(parsed.marker) if parsed.marker else None,
        "applies": [applies(parsed.marker, each) for each in environments] if parsed.marker else [],
        "allows": [parsed.specifier.contains(probe, prereleases=True) for probe in probes],
    }


print(json.dumps([answer(text) for text in dict.fromkeys(requirement() for _ in range(count))]))
