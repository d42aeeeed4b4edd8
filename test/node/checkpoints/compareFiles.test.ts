import assert from "node:assert/strict";
import { cpSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import { compareNumbers } from "../../../src/core/checkpoints/compareNumbers.ts";
import { describeComparison } from "../../../src/core/checkpoints/describeComparison.ts";
import { compareFiles } from "../../../src/node/checkpoints/compareFiles.ts";
import { buildCheckpoint } from "../../support/checkpointBuilders.ts";
import { runPython } from "../../support/python.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Two states of one model in both formats, and what torch itself says of the difference. */
const WRITER = `
import json, torch
from safetensors.torch import save_file
torch.manual_seed(3)
types = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"]
before = {name: (torch.randn(7, 5) * 20).abs().to(getattr(torch, name)) for name in types}
after = {name: (tensor.double() * 1.5 + 1).to(tensor.dtype) for name, tensor in before.items()}
before["same"] = after["same"] = torch.full((3,), float("nan"))
before["large"] = torch.randn(1_500_000)
after["large"] = before["large"] + 0.5
before["broken"] = torch.ones(4)
after["broken"] = torch.tensor([1.0, float("nan"), float("inf"), 2.0])
before["zero"], after["zero"] = torch.zeros(2), torch.tensor([3.0, 4.0])
before["bits"], after["bits"] = torch.zeros(4, dtype=torch.bool), torch.ones(4, dtype=torch.bool)
base = {"bits": 4}
save_file(before, "before.safetensors"), save_file(after, "after.safetensors")
shared = torch.arange(12.0)
torch.save({**before, "turned": torch.arange(6.0).reshape(2, 3).t(), "part": shared[3:7]}, "before.pt")
torch.save({**after, "turned": torch.ones(2, 3).t(), "part": shared[4:8]}, "after.pt")
def finite(tensor): return torch.where(tensor.double().isfinite(), tensor.double(), 0.0)
norms = {}
for name, old in {**before, "part": shared[3:7]}.items():
    new = shared[4:8] if name == "part" else after[name]
    both = old.double().isfinite() & new.double().isfinite()
    moved = torch.where(both, new.double() - old.double(), 0.0)
    norms[name] = [finite(old).norm().item(), finite(new).norm().item(), moved.norm().item()]
print(json.dumps(norms))
`;

test("a type is one in both formats, and of tensors of another shape no numbers are compared", async (context) => {
  const cwd = temporaryFolder(context);
  const writer = `
import torch
from safetensors.torch import save_file
types = "float64 float32 float16 bfloat16 float8_e4m3fn float8_e5m2 complex64 int64 int32 int16 int8 uint8 uint16 bool".split()
tensors = {name: torch.ones(3, 4).to(getattr(torch, name)) for name in types}
torch.save(tensors, "a.pt"), save_file(tensors, "a.safetensors")
save_file({**tensors, "float32": torch.ones(4, 3), "int8": torch.ones(3, 4)}, "b.safetensors")
`;
  assert.equal((await runPython(["-c", writer], { cwd })).exitCode, 0);
  const compare = (after: string) => compareFiles(join(cwd, "a.pt"), join(cwd, after), { hasNumbers: true });
  const same = (await compare("a.safetensors")).comparison;
  assert.deepEqual([same.retyped, same.alikeCount, same.tensorNumbers], [[], 14, { changed: [], equalCount: 10 }]);
  const { sides, comparison } = await compare("b.safetensors");
  assert.deepEqual(comparison.retyped, [{ name: "int8", before: "int8", after: "F32" }]);
  assert.match(describeComparison(sides, comparison), /8 have equal ones; the numbers of 4 were not compared/);
});

test("norms of the numbers that changed are those that torch computes, in both formats and every type", async (context) => {
  const cwd = temporaryFolder(context);
  const { exitCode, stdout, stderr } = await runPython(["-c", WRITER], { cwd });
  assert.equal(exitCode, 0, stderr);
  const expected: Record<string, number[]> = JSON.parse(stdout);
  for (const ending of ["pt", "safetensors"]) {
    const [before, after] = [join(cwd, `before.${ending}`), join(cwd, `after.${ending}`)];
    const { comparison, sides } = await compareFiles(before, after, { hasNumbers: true });
    const { changed, equalCount } = comparison.tensorNumbers ?? assert.fail();
    const names = Object.keys(expected).filter((name) => name !== "same" && (ending === "pt" || name !== "part"));
    assert.deepEqual(changed.map(({ name }) => name).toSorted(), names.toSorted());
    assert.equal(equalCount, 1, "the same NaN are equal");
    for (const { name, before: from, after: to, difference } of changed) {
      [from, to, difference].forEach((norm, at) => {
        const wanted = expected[name]?.[at] ?? Number.NaN;
        assert.ok(Math.abs(norm - wanted) <= 1e-9 * Math.abs(wanted), `${ending} ${name}: ${norm} and not ${wanted}`);
      });
    }
    assert.deepEqual(changed.find(({ name }) => name === "broken")?.notFinite, { before: 0, after: 2 });
    assert.deepEqual(new Set(changed.slice(0, 2).map(({ name }) => name)), new Set(["zero", "bits"]));

    const text = describeComparison(sides, comparison);
    const left = ending === "pt" ? "; the numbers of 1 were not compared: they are views" : "\\.";
    assert.match(text, new RegExp(`${names.length} have other numbers, 1 has equal ones${left}`));
    assert.match(text, /\| broken \| 2 \| 2\.236 and 2 NaN or infinite \| 1 \| 50 % \|/);
    assert.match(text, /\| zero \| 0 \| 5 \| 5 \| from zero \|/);
  }
});

test("numbers that were not asked for are not read, and of other files it is said that they cannot be compared", async (context) => {
  const folder = temporaryFolder(context);
  const [whole, torn] = [join(folder, "epoch_1.pt"), join(folder, "epoch_2.pt")];
  writeFileSync(whole, buildCheckpoint(1));
  writeFileSync(torn, buildCheckpoint(2));
  truncateSync(torn, 200);
  const plain = await compareFiles(whole, torn, { hasNumbers: false });
  assert.match(describeComparison(plain.sides, plain.comparison), /The numbers in the tensors were not compared\./);
  for (const other of [torn, "test/fixtures/checkpoints/formats/distributed"]) {
    const { sides, comparison } = await compareFiles(whole, other, { hasNumbers: true });
    assert.equal(comparison.tensorNumbers, undefined);
    assert.match(describeComparison(sides, comparison), /cannot be compared: that takes two whole files/);
  }
});

test("of two folders of Trainer the numbers of their weights are compared", async (context) => {
  const [before, after] = ["checkpoint-40", "checkpoint-50"].map((name) => join(temporaryFolder(context), name));
  assert.ok(before !== undefined && after !== undefined);
  for (const path of [before, after]) {
    cpSync("test/fixtures/checkpoints/checkpoint-40", path, { recursive: true });
  }
  const weights = join(after, "model.safetensors");
  const bytes = readFileSync(weights);
  bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1);
  writeFileSync(weights, bytes);
  const { sides, comparison } = await compareFiles(before, after, { hasNumbers: true });
  assert.equal(comparison.tensorNumbers?.changed.length, 1);
  assert.match(describeComparison(sides, comparison), /Of the tensors alike, 1 has other numbers/);
});

test("a comparison of numbers ends when it is cancelled, and says so when a file becomes shorter", async (context) => {
  const path = join(temporaryFolder(context), "epoch_1.pt");
  writeFileSync(path, buildCheckpoint(1, 3_000_000));
  const source = byteSourceOf(new Uint8Array(readFileSync(path)));
  const controller = new AbortController();
  let blocks = 0;
  const watched = {
    sizeBytes: source.sizeBytes,
    read(offset: number, length: number) {
      blocks += length > 1_000_000 ? 1 : 0;
      if (blocks === 2) {
        controller.abort(new Error("enough"));
      }
      return source.read(offset, length);
    },
  };
  await assert.rejects(compareNumbers(watched, source, controller.signal), /enough/);
  assert.equal(blocks, 2, "of three blocks");

  const shrinking = {
    ...source,
    read: (offset: number, length: number) => source.read(offset, Math.min(length, 4_000_000)),
  };
  await assert.rejects(compareNumbers(source, shrinking), /became shorter while its numbers were read/);
});
