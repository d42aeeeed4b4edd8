import { testParity } from "../../support/flowCorpus/testParity.ts";

// The first of the corpus that test/long/flowParity.test.ts compares whole.
testParity({ valid: 120, broken: 130, refused: 110 });
