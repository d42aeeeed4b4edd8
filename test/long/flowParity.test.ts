import { testParity } from "../support/flowCorpus/testParity.ts";

testParity({ valid: 420, broken: 460, refused: 400 });
