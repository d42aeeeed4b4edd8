import assert from "node:assert/strict";
import { test } from "node:test";
import { endsAtFailure, goesOnAfterFailure } from "../../../../src/core/training/diagnosis/scriptStages.ts";

test("a script goes on after a failure where it starts several programs and looks at the end of none", () => {
  const goesOn = [
    "python prepare.py\npython train.py",
    "bash -c python a.py; python b.py",
    "for f in 1 2 3; do\n  python train.py --fold $f\ndone",
    "if [ $1 = x ]; then python a.py; fi\ntorchrun b.py",
    "#!/bin/bash\n# python a.py && python b.py; set -e\npython a.py # break\necho retry trap; python b.py",
    "mkdir -p out || exit 1\nfor f in 1 2; do python train.py --fold $f; done",
  ];
  const doesNot = [
    "python train.py",
    "python train.py \\\n  --script a.py",
    "#!/bin/bash -e\npython a.py\npython b.py",
    "#!/usr/bin/env -S bash -xeu\npython a.py\npython b.py",
    "# python a.py\npython b.py",
    "python a.py; set -o errexit; python b.py",
    "trap 'echo failed; exit 1' ERR\npython a.py\npython b.py",
    'retry() { "$@" || "$@"; }\nretry python a.py\nretry python b.py',
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

test("a shell that is told so ends with the first program that fails", () => {
  const ends = ["bash -e job.sh", "bash -x -eu job.sh", "sh -ec job"];
  const goesOn = ["bash job.sh -e", "bash -x job.sh", "bash"];
  assert.deepEqual(
    [...ends, ...goesOn].map((command) => endsAtFailure(command.split(" "))),
    [...ends.map(() => true), ...goesOn.map(() => false)],
  );
});
