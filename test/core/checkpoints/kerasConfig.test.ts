import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { byteSourceOf } from "../../../src/core/base/byteSource.ts";
import { describeTrust } from "../../../src/core/checkpoints/importedName.ts";
import { kerasImports } from "../../../src/core/checkpoints/kerasConfig.ts";
import { readCheckpointFile } from "../../../src/core/checkpoints/readCheckpointFile.ts";
import { buildZip, bytesOf } from "../../support/checkpointBuilders.ts";
import { leastCpuMs } from "../../support/cpuTime.ts";

const fixtures = "test/fixtures/checkpoints/formats";

async function importsOf(
  name: string,
  bytes: Uint8Array = new Uint8Array(readFileSync(`${fixtures}/${name}`)),
): Promise<string[]> {
  const { imports } = await readCheckpointFile(byteSourceOf(bytes), name);
  return imports.map((each) => `${each.trust} ${each.name}`).toSorted();
}

function check(config: string, expected: readonly string[]): void {
  const found = kerasImports(config).map(({ name, trust }) => `${trust} ${name}`);
  assert.deepEqual(found.toSorted(), expected, config);
}

function named(module: string, name: string, config = "{}"): string {
  return `{"module": "${module}", "class_name": "${name}", "config": ${config}, "registered_name": null}`;
}

function layer(config: string): string {
  return `{"class_name": "Lambda", "config": {"name": "twice", ${config}}}`;
}

const UNREAD = "unlisted what its configuration names, which cannot be read";

test("a model that Keras saved says which code it holds and which it needs", async () => {
  const lambda = "dangerous the Lambda layer twice";
  assert.deepEqual(await importsOf("lambda.keras"), [lambda, "unlisted Mine>Scale", "unlisted the function my_loss"]);
  // A file of HDF5 does not say of a loss whether it is Keras's own.
  assert.deepEqual(await importsOf("lambda.h5"), [lambda, "unlisted Mine>Scale"]);
  for (const name of ["model.keras", "keras2.h5", "model.weights.h5"]) {
    assert.deepEqual(await importsOf(name), [], name);
  }
  const { imports } = await readCheckpointFile(
    byteSourceOf(new Uint8Array(readFileSync(`${fixtures}/lambda.keras`))),
    "lambda.keras",
  );
  assert.equal(describeTrust(imports), "would run code when loaded: the Lambda layer twice");
});

test("what Keras would import by a configuration is judged like what a pickle imports", () => {
  check(named("keras.layers", "Dense"), []);
  check(named("keras.src.backend.torch.optimizers.torch_adam", "Adam"), []);
  check(named("keras_hub.src.models.bert", "Bert"), []);
  check(named("models.resnet", "Block"), ["unlisted models.resnet.Block"]);
  check(named("kerasx.layers", "Block"), ["unlisted kerasx.layers.Block"]);
  check(named("os", "system"), ["dangerous os.system"]);
  check(named("os", "function", '"system"'), ["dangerous os.system"]);
  check(named("keras.utils", "function", '"get_file"'), ["dangerous keras.utils.get_file"]);
  check(named("keras.activations", "function", '"relu"'), []);
  check(named("builtins", "function", '"my_loss"'), ["unlisted the function my_loss"]);
  check('{"class_name": "__tensor__", "module": null}', []);
});

test("finds code in what Keras 2 wrote and in what cannot be parsed", () => {
  check(layer('"function": ["4wEA", null, null], "function_type": "lambda"'), ["dangerous the Lambda layer twice"]);
  check(layer('"function": "relu", "function_type": "function", "output_shape_type": "lambda"'), [
    "dangerous the Lambda layer twice",
  ]);
  check(layer('"function": "relu", "function_type": "function", "output_shape_type": "raw"'), []);
  check('{"layers": [{"class_name": "__lambda__", "config": {"code": "4wEA', ["dangerous a Lambda layer", UNREAD]);
  check('{"layers": [{"class_name": "Dense"', [UNREAD]);
});

test("no archive hides what its configuration names", async () => {
  const config = bytesOf(named("os", "system"));
  const plain = { name: "config.json", bytes: bytesOf("{}") };
  const weights = { name: "model.weights.h5", bytes: bytesOf("x") };
  const twice = buildZip([plain, { name: "config.json", bytes: config }, weights]);
  assert.deepEqual(await importsOf("a.keras", twice), ["dangerous os.system"]);
  const directory = { method: 8, sizeBytes: config.length };
  const packed = buildZip([{ name: "config.json", bytes: deflateRawSync(config), directory }, weights]);
  assert.deepEqual(await importsOf("a.keras", packed), ["dangerous os.system"]);
  const encrypted = buildZip([{ ...plain, directory: { flags: 1 } }, weights]);
  assert.deepEqual(await importsOf("a.keras", encrypted), [UNREAD]);
});

test("a configuration made to be walked for long is left in no time", async () => {
  const { cpuMs } = await leastCpuMs(() => check(`[${"{},".repeat(1_300_000)}{}]`, [UNREAD]), 400);
  assert.ok(cpuMs < 400, `took ${cpuMs} ms of the processor`);
});
