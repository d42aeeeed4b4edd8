"""Prints, as JSON, what pip, packaging and the standard library read in the manifests of a folder."""

import configparser
import email.parser
import json
import runpy
import sys
import tomllib
import types
import warnings
from pathlib import Path

from packaging.dependency_groups import resolve_dependency_groups
from packaging.markers import Marker
from packaging.pylock import Pylock
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from pip._internal.network.session import PipSession
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._internal.req.req_file import parse_requirements

warnings.simplefilter("ignore")
folder, environments, probes = Path(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3])
EXTRA = {"extra": ""}


def describe(name, extras, specifiers, url, marker, group=None):
    specifiers = SpecifierSet(str(specifiers))
    marker = Marker(str(marker)) if marker else None
    return {
        "name": canonicalize_name(name),
        "extras": sorted(canonicalize_name(extra) for extra in extras),
        "specifiers": ",".join(sorted(str(clause) for clause in specifiers)),
        "url": url,
        "marker": str(marker) if marker else None,
        "applies": [marker.evaluate({**EXTRA, **values}) if marker else True for values in environments],
        "allows": [specifiers.contains(Version(probe), prereleases=True) for probe in probes],
        "group": group,
    }


def of_text(text, group=None):
    requirement = Requirement(text)
    return describe(requirement.name, requirement.extras, requirement.specifier, requirement.url, requirement.marker, group)


def requirements_txt(path):
    found = []
    for parsed in parse_requirements(str(path), session=PipSession()):
        line = int(parsed.comes_from.rsplit("(line ", 1)[1].rstrip(")")) - 1 if f"{path} " in parsed.comes_from else None
        requirement = install_req_from_parsed_requirement(parsed)
        if requirement.name is None:
            found.append({"unnamed": requirement.link.url, "line": line})
            continue
        url = requirement.link.url if requirement.link else None
        specifiers = requirement.req.specifier if requirement.req else ""
        description = describe(requirement.name, requirement.extras, specifiers, url, requirement.markers)
        found.append({**description, "line": line})
    return found


def pyproject(path):
    data = tomllib.loads(path.read_text())
    project = data.get("project", {})
    tool = data.get("tool", {})
    found = [of_text(text) for text in project.get("dependencies", [])]
    for extra, texts in project.get("optional-dependencies", {}).items():
        found += [of_text(text, canonicalize_name(extra)) for text in texts]
    groups = {canonicalize_name(name): list(items) for name, items in data.get("dependency-groups", {}).items()}
    for group in groups:
        found += [of_text(str(text), group) for text in resolve_dependency_groups(groups, group)]
    uv = tool.get("uv", {})
    found += [of_text(text, "dev") for text in uv.get("dev-dependencies", [])]
    found += [of_text(text) for text in uv.get("constraint-dependencies", [])]
    for group, texts in tool.get("pdm", {}).get("dev-dependencies", {}).items():
        found += [of_text(text, group) for text in texts]
    for name, environment in tool.get("hatch", {}).get("envs", {}).items():
        for key in ("dependencies", "extra-dependencies"):
            found += [of_text(text, name) for text in environment.get(key, [])]
    return found


def setup_cfg(path):
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(path)
    lists = [(None, parser.get("options", "install_requires", fallback=""))]
    if parser.has_section("options.extras_require"):
        lists += [(canonicalize_name(extra), texts) for extra, texts in parser.items("options.extras_require")]
    return [of_text(line, group) for group, texts in lists for line in texts.splitlines() if line.strip()]


def setup_py(path):
    """These files are the corpus's own, so that they may be run."""
    calls = []
    module = types.ModuleType("setuptools")
    module.setup = lambda **arguments: calls.append(arguments)
    module.find_packages = lambda: []
    sys.modules["setuptools"] = module
    runpy.run_path(str(path))
    as_list = lambda value: [line for line in value.splitlines() if line.strip()] if isinstance(value, str) else list(value)
    found = [of_text(text) for text in as_list(calls[0].get("install_requires", []))]
    for extra, texts in calls[0].get("extras_require", {}).items():
        found += [of_text(text, canonicalize_name(extra)) for text in as_list(texts)]
    return found


def locked(entries):
    return [describe(name, [], f"=={version}", None, marker, group) for name, version, group, marker in entries]


def lock(path):
    if path.name.startswith("pylock."):
        packages = Pylock.from_dict(tomllib.loads(path.read_text())).packages
        return locked((package.name, package.version, None, package.marker) for package in packages if package.version)
    if path.name == "Pipfile.lock":
        data = json.loads(path.read_text())
        sections = ((None, data["default"]), ("dev", data["develop"]))
        return locked(
            (name, entry["version"].removeprefix("=="), group, entry.get("markers"))
            for group, section in sections for name, entry in section.items() if "version" in entry
        )
    packages = tomllib.loads(path.read_text())["package"]
    return locked((package["name"], package["version"], None, package.get("marker")) for package in packages)


def metadata(path):
    headers = email.parser.HeaderParser().parsestr(path.read_text())
    return locked([(headers["Name"], headers["Version"], None, None)])


READERS = {
    "requirements": ("*.txt", requirements_txt),
    "pyproject": ("*/pyproject.toml", pyproject),
    "setup_cfg": ("*/setup.cfg", setup_cfg),
    "setup_py": ("*/setup.py", setup_py),
    "locks": ("*.*", lock),
    "metadata": ("*/METADATA", metadata),
}

answers = {}
for kind, (pattern, read) in READERS.items():
    for path in sorted((folder / kind).glob(pattern)):
        answers[path.relative_to(folder).as_posix()] = read(path)
print(json.dumps(answers))
