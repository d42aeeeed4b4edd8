/**
 * A program that runs test files with pytest where it is installed, else with unittest, and counts what ran: an exit code of 0
 * alone says nothing of tests that were skipped, not found, or never reached. The counts go into a file that the tests are not
 * told of; it is there, and empty, as soon as this program runs.
 */
export const TEST_RUNNER = `
import sys
if sys.path[0] == "":
    sys.path.pop(0)
import importlib, importlib.util, json, os, traceback, unittest
report, *files = sys.argv[1:]
sys.argv = ["tests", *files]
open(report, "w").close()
ranks = ["skipped", "passed", "failed"]
outcomes = {}
def note(test, outcome):
    # The parts of a test have outcomes of their own, and so have what it needs before and after: it counts once, by the gravest.
    outcomes[test] = max(outcomes.get(test, outcome), outcome, key=ranks.index)
class Result(unittest.TextTestResult):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        # Two tests may be equal, and the suite lets go of those that have run.
        self.kept = []
    def note(self, test, outcome):
        whole = getattr(test, "test_case", test)
        self.kept.append(whole)
        note(id(whole), outcome)
    def addSuccess(self, test):
        super().addSuccess(test)
        self.note(test, "passed")
    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.note(test, "failed")
    def addError(self, test, error):
        super().addError(test, error)
        self.note(test, "failed")
    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.note(test, "failed")
    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note(test, "skipped")
    def addExpectedFailure(self, test, error):
        super().addExpectedFailure(test, error)
        self.note(test, "skipped")
    def addSubTest(self, test, part, error):
        super().addSubTest(test, part, error)
        self.note(test, "passed" if error is None else "failed")
def with_pytest(pytest):
    class Counter:
        @pytest.hookimpl(tryfirst=True)
        def pytest_configure(self, config):
            # pytest-benchmark makes this folder in the workspace also where nothing is to be kept in it.
            given = vars(config.option)
            keeps = any(given.get(f"benchmark_{what}") for what in ("save", "autosave", "compare"))
            if given.get("benchmark_storage") == "file://./.benchmarks" and not keeps:
                config.option.benchmark_storage = "file://" + os.path.join(os.path.dirname(report), "benchmarks")
        def pytest_runtest_logreport(self, report):
            # Plugins have outcomes of their own, such as a run that is repeated.
            if report.outcome in ranks and (report.when == "call" or report.outcome != "passed"):
                note(report.nodeid, report.outcome)
        def pytest_collectreport(self, report):
            if not report.passed:
                note(("collecting", report.nodeid), report.outcome)
    return "pytest", int(pytest.main(["-q", "-p", "no:cacheprovider", *files], plugins=[Counter()]))
def load(number, file):
    folder, name = os.path.split(os.path.abspath(file))
    parts = [os.path.splitext(name)[0]]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    sys.path[0:0] = [folder]
    if len(parts) == 1:
        spec = importlib.util.spec_from_file_location(f"tests_{number}", file)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module
    module = importlib.import_module(".".join(parts))
    if not os.path.samefile(module.__file__, file):
        raise ImportError(f"{module.__file__} has the name of {file}; give one of their packages another name")
    return module
def with_unittest():
    suite = unittest.TestSuite()
    for number, file in enumerate(files):
        try:
            suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(load(number, file)))
        except unittest.SkipTest as reason:
            print(f"{file}: skipped, {reason}")
            note(file, "skipped")
        except Exception:
            traceback.print_exc()
            note(file, "failed")
    unittest.TextTestRunner(verbosity=2, resultclass=Result).run(suite)
    return "unittest", int("failed" in outcomes.values())
try:
    import pytest
except ImportError:
    pytest = None
def compile_anew():
    # A compiled file of the workspace need not be what its source says, and nobody was asked about it: sources are compiled anew,
    # but those of the interpreter's own packages. pytest keeps what it compiles beside the others.
    loading = sys.modules["_frozen_importlib_external"]
    known = loading.cache_from_source
    here, installed = (os.path.realpath(path) + os.sep for path in (os.getcwd(), sys.prefix))
    def compiled_file(path, *args, **options):
        real = os.path.realpath(path)
        if real.startswith(here) and not real.startswith(installed):
            raise NotImplementedError
        sys.pycache_prefix = None
        try:
            return known(path, *args, **options)
        finally:
            sys.pycache_prefix = private
    private = os.path.join(os.path.dirname(report), "pycache")
    sys.pycache_prefix = private
    loading.cache_from_source = compiled_file
    # What the tests start as programs of their own compiles all that it imports, once for all of them: packages are large.
    os.environ["PYTHONPYCACHEPREFIX"] = private
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
compile_anew()
sys.path[0:0] = [os.getcwd()]
runner, code = with_pytest(pytest) if pytest else with_unittest()
with open(report, "w", encoding="utf-8") as file:
    counts = [*outcomes.values()]
    json.dump({"runner": runner, **{rank: counts.count(rank) for rank in ranks}}, file)
sys.exit(code)
`;

/**
 * A program that waits until its standard input ends, which happens when whoever started the tests is gone, and ends what it
 * has left: the group of processes, on Linux also those that moved out of it, and the folder of the report. It is no part of
 * the tests' own process: a thread there would forbid forks to tests that turn warnings into errors.
 */
export const TEST_GUARD = `
import os, shutil, signal, subprocess, sys
group, marker, place = sys.argv[1:]
while os.read(0, 1024):
    pass
def carries_marker(pid):
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return os.fsencode(marker) in file.read().split(b"\\0")
    except OSError:
        return False
if os.name == "nt":
    subprocess.run(["taskkill", "/pid", group, "/T", "/F"])
else:
    marked = [int(name) for name in os.listdir("/proc") if name.isdigit()] if os.path.isdir("/proc") else []
    for pid in [-int(group), *filter(carries_marker, marked)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
shutil.rmtree(place, ignore_errors=True)
`;
