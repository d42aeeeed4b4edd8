import assert from "node:assert/strict";
import { test } from "node:test";
import { goesOnAfterFailure } from "../../../../src/core/training/diagnosis/scriptStages.ts";

test("a script goes on after a failure where it starts several programs and looks at the end of none", () => {
  const goesOn = [
    "python prepare.py\npython train.py",
    "bash -c python a.py; python b.py",
    "for f in 1 2 3; do\n  python train.py --fold $f\ndone",
    "if [ $1 = x ]; then python a.py; fi\ntorchrun b.py",
    "mkdir -p out || exit 1\nfor f in 1 2; do python train.py --fold $f; done",
  ];
  const doesNot = [
    "python train.py",
    "python train.py \\\n  --script a.py",
    "python train.py --batch 32 || python train.py --batch 16",
    "until python train.py; do sleep 5; done",
    "set -euo pipefail\npython a.py\npython b.py",
    "for i in 1 2 3; do python train.py && break; done",
    "for i in 1 2 3; do python train.py\n  [ -f done ] && break\ndone",
    "while [ ! -f done ]; do python train.py; sleep 1; done",
    "for i in 1 2 3; do python train.py\n  [ $? = 0 ] && break\ndone",
  ];
  assert.deepEqual(
    [goesOn.map(goesOnAfterFailure), doesNot.map(goesOnAfterFailure)],
    [goesOn.map(() => true), doesNot.map(() => false)],
  );
});
