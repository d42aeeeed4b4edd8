import { closestName } from "../base/closestName.ts";

type Described = { name: string; description: string };

/** What comes nearest to a text that no rule understands. */
export type Nearest<C> = {
  /** Best first; a person chooses among them, so a guess does no harm. */
  commands: C[];
  /** The text is German, French or Spanish, as some of its words say. */
  isForeign: boolean;
};

/**
 * Commands that share words with a text, most first: words of their name and description, a mistyped name, or what
 * people write for them in other languages.
 */
export function findNearest<C extends Described>(text: string, commands: readonly C[]): Nearest<C> {
  const words = wordsOf(text);
  // "Pare down the model" is English, whatever a single word of it means elsewhere.
  const foreign = words.some((word) => ENGLISH_WORDS.has(word)) ? [] : words;
  const said = new Set(words.filter(tells).map(stem));
  const mistyped = words.filter((word) => word.length > 3).map((word) => closestName(word, commands.map(nameOf)));
  const score = (command: C) => {
    const shared = [...stemsOf(command)].filter((each) => said.has(each)).length;
    const isMistyped = command.name.length > 3 && mistyped.includes(command.name);
    const abroad = foreign.findIndex((word) => isCalledAbroad(command, word));
    // What is asked for stands first: "arrête l'entraînement".
    return shared + (isMistyped ? WEIGHT_OF_NAME : 0) + (abroad < 0 ? 0 : WEIGHT_OF_NAME) + Number(abroad === 0);
  };
  const scored = commands.map((command) => ({ command, count: score(command) })).toSorted((a, b) => b.count - a.count);
  const most = scored[0]?.count ?? 0;
  // Far behind the best stands what shares a word by chance.
  const found = scored.filter(({ count }) => count > 0 && count * 2 >= most).map(({ command }) => command);
  const isForeign = foreign.some(
    (word) => FOREIGN_WORDS.has(word) || found.some((command) => isCalledAbroad(command, word)),
  );
  return { commands: found, isForeign };
}

/** A name says more than a word that happens to stand in a description. */
const WEIGHT_OF_NAME = 2;

/** The German, French and Spanish words for what a command does, without accents; none begins an English word. */
const ABROAD: Readonly<Record<string, RegExp>> = {
  train: /^(?:trainier|starten?$|startet$|lance[rz]?$|demarr|entraine|entren[ao]|inici[ao]|arranc[ao])/,
  runs: /^(?:fertig|lauft?$|laufe$|fini[er]?$|termine[rz]?$|terminado|termino$|list[oa]$|acab[oa]|ejecuci|protokoll|registros?$|verlust|pertes?$|perdida|ergebnis|resultat)/,
  stop: /^(?:stopp(?:en?|t)?$|anhalt|abbrech|abbruch|beend|arrete|par[ae]r?$|detener|deten$|detien)/,
  resume: /^(?:weiter|fortsetz|repren|reanud|continue[rz]$|continua[r]?$|poursui)/,
  diagnose: /^(?:fehler|absturz|abgesturzt|warum|wieso|pourquoi|erreur|fall[oa]$|por$)/,
  optimize: /^(?:langsam|lent[eo]$|lentement|schneller|rapid[eo]$)/,
  data: /^(?:daten$|donnees|datos)/,
  evaluate: /^(?:bewert|auswert|evalue[rz]$|evaluar?$)/,
  monitor: /^(?:kurven?$|verlauf|courbe|curvas?$|grafic)/,
  scaffold: /^(?:erstell|schreib|creer?$|crear?$|ecri[st])/,
  deploy: /^(?:bereitstell|deploie|desplieg)/,
};

/** Stand in many questions of those languages; "le", "los" and "der" are left out, being part of names too. */
const FOREIGN_WORDS = new Set("ist sind das und mein meine welche donde esta estan sont quel quelle".split(" "));

/** Stand in many English questions and in none of those languages. */
const ENGLISH_WORDS = new Set(
  "the is are of with how what does do did my to and for why where which this that it from by not add use make".split(
    " ",
  ),
);

function isCalledAbroad({ name }: Described, word: string): boolean {
  return Object.hasOwn(ABROAD, name) && ABROAD[name]?.test(word) === true;
}

/** In lower case and without accents: `entraînement` becomes `entrainement`. */
function wordsOf(text: string): string[] {
  const plain = text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain.match(/[a-z]+/g) ?? [];
}

function stemsOf({ name, description }: Described): Set<string> {
  return new Set(wordsOf(`${name} ${description}`).filter(tells).map(stem));
}

function nameOf({ name }: Described): string {
  return name;
}

/** Short words hold a sentence together and tell nothing. */
function tells(word: string): boolean {
  return word.length > 3 && !EMPTY_WORDS.has(word);
}

function stem(word: string): string {
  return word.replace(/(?:ing|ed|es|s)$/, "");
}

const EMPTY_WORDS = new Set(
  "what which when where with without that this then than they them from have here please could would should does into each every some show shows make made need want about your mine does done".split(
    " ",
  ),
);
