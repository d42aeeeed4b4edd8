import type { CorpusFlow } from "./parity.ts";

const TWO_STEPS = `    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
`;

const IMPORT = "from metaflow import FlowSpec, step, retry, resources, catch, card, Parameter, Config\n";

/** Flows that use Python in ways a generator does not come up with. Metaflow imports each of them without an error. */
const TEXTS: Readonly<Record<string, string>> = {
  decorator_of_users: `${IMPORT}from metaflow import user_step_decorator, UserStepDecorator, StepMutator

@user_step_decorator
def timed(step_name, flow, inputs=None, attributes=None):
    yield

class Traced(UserStepDecorator):
    def init(self, *args, **kwargs):
        pass

    def pre_step(self, step_name, flow, inputs=None):
        return None

class Checked(StepMutator):
    def init(self, *args, **kwargs):
        pass

    def mutate(self, mutable_step):
        pass

class Flow(FlowSpec):
    @retry
    @Checked("a", size=3)
    @timed
    @Traced(level=2)
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
`,
  plain_decorator: `${IMPORT}import functools

def logged(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args)
    return inner

class Flow(FlowSpec):
    @logged
    @step
    def start(self):
        self.next(self.end)

    @logged
    @retry(times=1 + 1)
    @step
    def end(self):
        pass
`,
  mixin: `${IMPORT}
class Loading:
    @step
    def load(self):
        self.next(self.end)

class Flow(Loading, FlowSpec):
    @step
    def start(self):
        self.next(self.load)

    @step
    def end(self):
        pass
`,
  override: `${IMPORT}
class Base(FlowSpec):
    @step
    def start(self):
        self.next(self.middle)

    @step
    def middle(self):
        self.next(self.end)

    @step
    def extra(self):
        self.next(self.end)

    @step
    def end(self):
        pass

class Flow(Base):
    extra = None

    @retry
    @step
    def middle(self):
        """Another one."""
        self.next(self.end)
`,
  override_by_method: `${IMPORT}
class Base(FlowSpec):
${TWO_STEPS}
    @step
    def helper(self):
        self.next(self.end)

class Flow(Base):
    def helper(self):
        return 1
`,
  diamond: `${IMPORT}
class Root(FlowSpec):
${TWO_STEPS}
class Left(Root):
    @step
    def start(self):
        self.next(self.left)

    @step
    def left(self):
        self.next(self.end)

class Right(Root):
    @step
    def start(self):
        self.next(self.right)

    @step
    def right(self):
        self.next(self.left)

class Flow(Right, Left):
    pass
`,
  alias: `${IMPORT}
class Flow(FlowSpec):
    @step
    def start(self):
        self.next(self.second)

    @step
    def first(self):
        self.next(self.end)

    second = first
    del first

    @step
    def end(self):
        pass
`,
  alias_of_base: `${IMPORT}
class Base(FlowSpec):
    @step
    def one(self):
        self.next(self.end)

    @step
    def end(self):
        pass

class Flow(Base):
    start = Base.one
    one = None
`,
  conditional_body: `${IMPORT}
class Flow(FlowSpec):
    @step
    def start(self):
        self.next(self.work)

    if True:
        @step
        def work(self):
            self.next(self.end)

    try:
        @step
        def end(self):
            pass
    except NameError:
        raise
`,
  asynchronous: `${IMPORT}
class Flow(FlowSpec):
    @step
    async def start(self):
        self.next(self.end)

    @step
    async def end(self):
        pass
`,
  defined_twice: `${IMPORT}
class Flow(FlowSpec):
    @step
    def start(self):
        self.next(self.nowhere)

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
`,
  private_name: `${IMPORT}
class Flow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def __hidden(self):
        self.next(self.end)

    @step
    def end(self):
        pass
`,
  assigned_names: `import metaflow
Base, mark = metaflow.FlowSpec, None
mark = metaflow.step
Parent = metaflow.FlowSpec

class Flow(Parent):
${TWO_STEPS.replaceAll("@step", "@mark")}`,
  submodules: `from metaflow.flowspec import FlowSpec
from metaflow.decorators import step
import metaflow.plugins

class Flow(FlowSpec):
${TWO_STEPS}`,
  guarded_import: `try:
    from metaflow import FlowSpec, step
except ImportError:
    raise

class Flow(FlowSpec):
${TWO_STEPS}`,
  marks: `${IMPORT}
class Flow(FlowSpec):
    @step(end=True)
    def finish(self):
        pass

    @step(start=True, node_info={"a": [1, {"b": None}], 2: "x"})
    def begin(self):
        self.next(self.finish)
`,
  one_bare_step: `${IMPORT}
class Flow(FlowSpec):
    @step
    def whatever(self):
        print("done")
`,
  one_line_bodies: `${IMPORT}
class Flow(FlowSpec):
    @step
    def start(self): self.x = 1; self.next(self.end)

    @step
    def end(self): pass
`,
  continued_lines: `${IMPORT}
class Flow(FlowSpec):
    @resources(
        memory=1024,  # a comment
        cpu=2,
    )
    @step
    def start(
        self,
    ):
        """Doc
        continued."""
        self.next( \\
            self.end
        )

    @step
    def end(self):
        pass
`,
  attributes: `${IMPORT}
LIMITS = {"memory": 1}
SIZE = 2 ** 10

class Flow(FlowSpec):
    @card(type="default", options={"a": (1, 2), "b": [True, None, 1.5, -2], 3: "x"}, id="one")
    @card(id="two", timeout=SIZE // 3)
    @resources(memory=SIZE * 4, cpu=7 % 4, disk=10 - 2, gpu="1")
    @catch(var="a" "b")
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
`,
  switch_on_config: `${IMPORT}
class Flow(FlowSpec):
    cfg = Config("cfg", default_value={"fast": "a", "slow": "b"})

    @step
    def start(self):
        self.kind = "a"
        self.next({self.cfg.fast: self.quick, self.cfg.slow: self.end}, condition="kind")

    @step
    def quick(self):
        self.next(self.end)

    @step
    def end(self):
        pass
`,
  loop_at_start: `${IMPORT}
class Flow(FlowSpec):
    @step
    def start(self):
        self.next({"again": self.start, "on": self.end}, condition="kind")

    @step
    def end(self):
        pass
`,
  split_to_join_itself: `${IMPORT}
class Flow(FlowSpec):
    @step
    def start(self):
        self.next(self.a, self.join)

    @step
    def a(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
`,
  two_splits_one_join: `${IMPORT}
class Flow(FlowSpec):
    @step
    def start(self):
        self.next({"a": self.one, "b": self.two}, condition="kind")

    @step
    def one(self):
        self.next(self.a, self.b)

    @step
    def two(self):
        self.next(self.b, self.a)

    @step
    def a(self):
        self.next(self.join)

    @step
    def b(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
`,
};

export const TRICKY_FLOWS: readonly CorpusFlow[] = Object.entries(TEXTS).map(([key, text]) => {
  const name = `tricky_${key}`;
  return { name, files: new Map([[name, text]]) };
});
