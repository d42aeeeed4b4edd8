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
  const said = new Set(words.filter(tells).map(stem));
  const mistyped = words.filter((word) => word.length > 3).map((word) => closestName(word, commands.map(nameOf)));
  const score = (command: C) => {
    const shared = [...stemsOf(command)].filter((each) => said.has(each)).length;
    const isMistyped = command.name.length > 3 && mistyped.includes(command.name);
    const abroad = words.findIndex((word) => isCalledAbroad(command, word));
    // What is asked for stands first: "arrête l'entraînement".
    return shared + (isMistyped ? WEIGHT_OF_NAME : 0) + (abroad < 0 ? 0 : WEIGHT_OF_NAME) + Number(abroad === 0);
  };
  const found = commands
    .map((command) => ({ command, count: score(command) }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
    .map(({ command }) => command);
  const isForeign = words.some(
    (word) => FOREIGN_WORDS.has(word) || found.some((command) => isCalledAbroad(command, word)),
  );
  return { commands: found, isForeign };
}

/** A name says more than a word that happens to stand in a description. */
const WEIGHT_OF_NAME = 2;

/** Beginnings of the German, French and Spanish words for what a command does, without accents. */
const ABROAD: Readonly<Record<string, RegExp>> = {
  train: /^(?:trainier|starte[ntr]?$|lanc|demarr|entrain|entren|inici|arranc)/,
  runs: /^(?:fertig|lauft?$|laufe|stand$|fini|termin|list[oa]$|acab|ejecuci|protokoll|journa|registro|verlust|perte|perdida|ergebnis|resultat)/,
  stop: /^(?:stopp|anhalt|abbrech|abbruch|beend|arret|para|deten|detien)/,
  resume: /^(?:weiter|fortsetz|repren|reanud|continue[rz]|continua|poursui)/,
  diagnose: /^(?:fehler|absturz|abgesturzt|warum|wieso|pourquoi|erreur|fall[oa]$|por$)/,
  optimize: /^(?:langsam|lent|schneller|rapid)/,
  data: /^(?:daten|donnees|datos)/,
  evaluate: /^(?:bewert|auswert|evalue|evalua)/,
  monitor: /^(?:kurve|verlauf|courbe|curva|grafi)/,
  scaffold: /^(?:erstell|schreib|cree|crea|ecri|genere)/,
  deploy: /^(?:bereitstell|deploi|deploye|desplieg)/,
};

/** Stand in many questions of those languages and in none of English. */
const FOREIGN_WORDS = new Set(
  "wo wie ist sind das der und mit mein meine welche donde esta estan como que mi los el le les mon est sont quel quelle comment".split(
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
