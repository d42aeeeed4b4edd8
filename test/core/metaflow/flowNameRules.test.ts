import assert from "node:assert/strict";
import { test } from "node:test";
import { applyEdits } from "../../../src/core/metaflow/edit/applyEdits.ts";
import { check, checkFix, findingsIn, sweep } from "../../support/sweepFlow.ts";

test("an artifact has self in front where nothing else has its name", () => {
  for (const work of ["print(model)", "print(f'{model:.2f}')", "model += 1", "run = [model + each for each in [1]]"]) {
    check({ work }, ["missing-self work"]);
  }
  checkFix(sweep({ work: "print(len(items))" }), "Write self.items", "print(len(self.items))");
  checkFix(sweep({ member: 'rate = Parameter("rate")', end: "print(rate)" }), "Write self.rate", "print(self.rate)");
  checkFix(sweep({ member: "def scaled(self): return 1", end: "scaled()" }), "Write self.scaled", "self.scaled()");
  checkFix(
    sweep({}).replace("FlowSpec,", "FlowSpec, S3,").replace(" current,", "").replace("pass", "def f(self): current"),
    "Import current from metaflow",
    ", current\n",
  );
  checkFix(
    sweep({ join: "print(inputs[0].model)" }).replace("self, inputs", "self, tasks"),
    "Write tasks",
    "tasks[0].model",
  );
  check({ work: "print(inputs[0].model)" }, ["missing-self work"]);
  check({ above: "from tools import inputs", work: "print(inputs[0].model)" }, []);
  check({ work: "inputs = [1]; print(inputs[0])" }, []);
  const bound = [
    "model = self.model; print(model)",
    "for model in [1]: print(model)",
    "print([model for model in [1]], (lambda items: items)([]))",
    "import json as model; print(model, dict(items=1), json.items)".replace("json.items", "model.items"),
    "with open('a') as model: print(model)",
    "def show(model, *items): print(model, items)\n        show(1)",
    "try: print(model)\n        except NameError: pass",
    "global model; model = 1; print(model)",
    "print((model := 2), model)",
    "match 1:\n            case model: print(model)",
    "print(id(self), sum, input)",
  ];
  bound.forEach((work) => check({ work, member: "id = 1" }, []));
  for (const above of [
    "model = 1",
    "from tools import *",
    "for model in [1]: pass",
    "def model(): pass",
    "from a import b as model",
  ]) {
    check({ above, work: "print(model)" }, []);
  }
});

test("a module that everybody knows is imported where a method uses it", () => {
  const rule = "module-not-imported work";
  for (const work of [
    "print(np.zeros(3))",
    "self.data = [pd.DataFrame(each) for each in [1]]",
    "print(f'{os.getcwd()}')",
  ]) {
    check({ work }, [rule]);
  }
  check({ start: "import numpy as np", work: "print(np.e)" }, [rule]);
  check({ member: "import numpy as np", work: "print(np.e)" }, [rule]);
  checkFix(
    sweep({ end: '"""Ends."""\n        if self:\n            print(np.e)' }),
    "Add import numpy as np",
    '"""Ends."""\n        import numpy as np\n        if self:',
  );
  for (const work of [
    "import numpy as np; print(np.e)",
    "from jax import numpy as np; print(np.e)",
    "import os.path; print(os.sep)",
    "try: import torch\n        except ImportError: torch = None\n        print(torch.e)",
    "print([np.e for np in [1]], (lambda pd: pd.e)(1))",
    "def show(np, *pd): print(np.e, pd.e)\n        show(1)",
    "np: int = 1; print(np.real)",
    "size: np.ndarray = 1",
    "def show(size: list[np.ndarray] | None) -> np.ndarray: pass",
    "global np; np = 1; print(np.real)",
    "exec('import numpy as np'); print(np.e)",
    "print(self.items.np)",
    "print(dict(np=1), self.items.torch)",
  ]) {
    check({ work }, []);
  }
  for (const above of [
    "import numpy as np",
    "import importlib\npd = np = importlib.import_module('numpy')",
    "def lazily(f): f.__globals__.update(np=1); return f",
    "import sys\nsetattr(sys.modules[__name__], 'np', 1)",
    "vars().update(np=1)",
    "from tools import *",
    "from tools import np",
    "np = load()",
    "try:\n    import numpy as np\nexcept ImportError:\n    np = None",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy\nelse:\n    import numpy as np",
    "TYPE_CHECKING = True\nif TYPE_CHECKING:\n    import numpy as np",
    "with tools() as np: pass",
    "for (\n    pd,  # :\n    np,\n) in ():\n    pass",
    "with (tools()\n    as\n    np\n):\n    pass",
    "match 1:\n    case [\n        np,\n        pd,\n    ]: pass",
    "for pd, \\\n    np in ():\n    pass",
    "if tools:\n    try:\n        np = 1\n    finally:\n        pass",
    "def load():\n    global np\n    np = 1",
  ]) {
    check({ above, work: "print(np.e)" }, []);
  }
});

test("an import gives the names that it binds, where Python runs it", () => {
  const rule = "module-not-imported work";
  for (const [above, work] of [
    ["from time import sleep", "print(time.time())"],
    ["import torch.nn as nn", "print(torch.e)"],
    ["import pandas as pd  # as in time series", "print(time.time())"],
    ["from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import math", "print(math.e)"],
    ["import typing\nif typing.TYPE_CHECKING: import numpy as np", "print(np.e)"],
  ] as const) {
    check({ above, work }, [rule]);
  }
  for (const [above, work] of [
    ["import torch.nn", "print(torch.e)"],
    ["from time import sleep as time", "print(time(1))"],
    ["from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import math\nimport math", "print(math.e)"],
    ["from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy as np", "size: np.ndarray = 1"],
  ] as const) {
    check({ above, work }, []);
  }
  const text = sweep({ work: "self.time = time.time()" });
  const [{ code, fixes } = assert.fail()] = findingsIn(text);
  assert.equal(code, "module-not-imported");
  assert.deepEqual(
    fixes.map(({ title }) => title),
    ["Add import time", "Write self.time"],
  );
  assert.deepEqual(findingsIn(applyEdits(text, fixes[0]?.edits ?? [])), []);
  check({ work: "self.time = 1; print(time + 1)" }, ["missing-self work"]);
});

function late(text: string): string {
  return `def late(${text}): return 1`;
}

test("the default of an argument is worked out when the file is read", () => {
  check({ member: late("self, t=time.time()") }, ["module-not-imported"]);
  check({ member: late("self, *, k: int = os.cpu_count()"), work: "import os" }, ["module-not-imported"]);
  checkFix(
    sweep({ above: "import json", member: late("self, t=time.time()") }),
    "Add import time",
    "import time\nfrom metaflow import",
  );
  check({ above: "import time", member: late("self, t=time.time()") }, []);
  check({ member: `import time\n    ${late("self, t=time.time()")}` }, []);
  check({ member: `if True:\n        import time\n    ${late("self, t=time.time()")}` }, []);
  check({ member: `from a import b as time\n    ${late("self, t=time.time()")}` }, []);
  check({ member: late("self, t=lambda np: np.e") }, []);
  check({ member: late("self, time=1, t=dict(os=1)") }, []);
  check({ member: `rate = 1\n    ${late("self, t=rate")}` }, []);
});
