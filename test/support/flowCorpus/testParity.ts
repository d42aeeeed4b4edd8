import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { loadPythonParser } from "../../../src/node/base/pythonParser.ts";
import { samplePython, temporaryFolder } from "../python.ts";
import {
  askMetaflow,
  askTrainyard,
  type CorpusFlow,
  generateCorpus,
  type OracleAnswer,
  ruleOf,
  writeCorpus,
} from "./parity.ts";
import { TRICKY_FLOWS } from "./trickyFlows.ts";

/** Another one: TRAINYARD_CORPUS_SEED=7 node --test test/long/flowParity.test.ts */
const SEED = Number(process.env["TRAINYARD_CORPUS_SEED"] ?? "1");

/**
 * Metaflow itself is asked about every flow, in one process: a stored answer would go on saying what an old Metaflow said.
 * `broken` flows have one mutation each, of which Metaflow must refuse `refused` at least.
 */
export function testParity({ valid, broken, refused }: { valid: number; broken: number; refused: number }): void {
  suite(`the graph and the first mistake are Metaflow's (seed ${SEED})`, () => {
    const corpus = generateCorpus(SEED, valid, broken);
    const folder = temporaryFolder();
    let answers = new Map<string, OracleAnswer>();

    before(async () => {
      const path = join((await folder).path, "flows");
      const all = [...corpus, ...TRICKY_FLOWS];
      await writeCorpus(path, all);
      answers = await askMetaflow(samplePython(), path, all);
    });
    after(async () => (await folder)[Symbol.asyncDispose]());

    async function compare(flows: readonly CorpusFlow[], compareOne: (theirs: OracleAnswer, ours: Ours) => void) {
      const parser = await loadPythonParser();
      const path = join((await folder).path, "flows");
      for (const flow of flows) {
        const theirs = answers.get(flow.name);
        assert.ok(theirs, `Metaflow gave no answer about ${flow.name}`);
        try {
          compareOne(theirs, askTrainyard(parser, path, flow));
        } catch (error) {
          const files = [...flow.files.values()].join("\n\n");
          throw new Error(`${flow.name} (${flow.mistake ?? "valid"}):\n${files}`, { cause: error });
        }
      }
    }

    test("for flows that use Python in unusual ways", async () => {
      await compare(TRICKY_FLOWS, (theirs, ours) => {
        assert.equal(theirs.error, undefined);
        assert.deepEqual(ours.mistake?.rule, theirs.mistake ? ruleOf(theirs.mistake.rule) : undefined);
        assert.deepEqual(ours.order, theirs.order);
        if (!theirs.mistake) {
          assert.deepEqual(JSON.parse(JSON.stringify(ours.graph)), theirs.graph);
        } else if (typeof theirs.mistake.step === "string") {
          assert.equal(ours.mistake?.step, theirs.mistake.step);
        }
      });
    });

    test("for every valid flow", async () => {
      const whole = corpus.filter(({ mistake }) => mistake === undefined);
      assert.deepEqual(
        whole.flatMap(({ name }) => answers.get(name)?.error ?? answers.get(name)?.mistake ?? []),
        [],
      );
      await compare(whole, (theirs, ours) => {
        assert.deepEqual(JSON.parse(JSON.stringify(ours.graph)), theirs.graph);
        assert.deepEqual(ours.order, theirs.order);
        assert.equal(ours.mistake, null);
        assert.equal(squeezed(ours.dot), squeezed(theirs.dot));
      });
    });

    test("for every flow with a mistake", async () => {
      const mistaken = corpus.filter(({ name, mistake }) => mistake !== undefined && answers.get(name)?.mistake);
      assert.ok(mistaken.length >= refused, `only ${mistaken.length} flows are refused by Metaflow`);
      await compare(mistaken, (theirs, ours) => {
        const expected = theirs.mistake;
        assert.equal(ours.mistake?.rule, ruleOf(expected?.rule ?? ""));
        if (ours.mistake?.rule === "orphans") {
          // Metaflow names any one of them: it takes them from a set.
          assert.ok(ours.orphans.includes(expected?.step ?? ""));
        } else if (typeof expected?.step === "string") {
          assert.equal(ours.mistake?.step, expected.step);
        }
      });
    });

    test("for every mutation that leaves a flow valid", async () => {
      const whole = corpus.filter(({ name, mistake }) => mistake !== undefined && answers.get(name)?.mistake === null);
      await compare(whole, (theirs, ours) => {
        assert.equal(ours.mistake, null);
        assert.deepEqual(JSON.parse(JSON.stringify(ours.graph)), theirs.graph);
      });
    });
  });
}

type Ours = ReturnType<typeof askTrainyard>;

function squeezed(text: string | undefined): string {
  return (text ?? "").replaceAll(/\s+/g, " ");
}
