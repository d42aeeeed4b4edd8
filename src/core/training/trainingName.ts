/** How much the name of a Python file speaks for a training, in points; a name that speaks of something else counts against it. */
export function pointsOfName(path: string): number {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const words = wordsOf(name.slice(0, -".py".length));
  if (words.length === 1 && words[0] === "train") {
    return 50;
  }
  if (name === "__init__.py" || words.some((word) => ABOUT_TRAINING.test(word))) {
    return -30;
  }
  const train = trainingWordOf(words);
  const other = words.findIndex((word) => OTHER.test(word));
  if (train !== -1 && (other === -1 || train < other)) {
    return 30;
  }
  if (other !== -1 || words.some((word) => PART.test(word))) {
    return -30;
  }
  return name === "__main__.py" || RUNNER.test(words[0] ?? "") ? 10 : 0;
}

/** `TrainModel`, `02-fine-tune` and `train_v2` are words; numbers order files and say nothing. */
function wordsOf(stem: string): string[] {
  const apart = stem.replaceAll(/([a-z\d])([A-Z])/g, "$1_$2").toLowerCase();
  return apart.split(/[-_.\s]+/).filter((word) => /\D/.test(word));
}

function trainingWordOf(words: readonly string[]): number {
  return words.findIndex(
    (word, index) => TRAINING.test(word) || (word === "fine" && /^tun(?:e|ing)$/.test(words[index + 1] ?? "")),
  );
}

const TRAINING = /^(?:(?:pre|re)?train(?:er|ing)?|fit|fitting|finetun(?:e|er|ing))$/;

/** Starts something, of which the text has to say that it is a training. */
const RUNNER = /^(?:main|run|start|launch|experiments?|exp)$/;

/** What a file with a training in its name deals with instead of doing it: `train_utils`, `plot_training`, `eval_finetuned`. */
const ABOUT_TRAINING =
  /^(?:utils?|helpers?|splits?|data|datasets?|(?:data)?loaders?|config|configs|cfg|args|arguments|options|callbacks?|metrics?|loss|losses|plot\w*|viz|visuali[sz]\w*|download\w*|convert\w*|export\w*|upload\w*|merge\w*|prepar\w*|preprocess\w*|logger|logging|parser|bench\w*|profil\w*|analy[sz]\w*|analysis|reports?|serv(?:e|er|ing)|deploy\w*|setup|transforms?|augment\w*|(?:pre)?trained|finetuned)$/;

/** What is trained, where nothing says that it is: `model_training` trains. */
const PART = /^(?:models?|layers)$/;

/** What a file does that is named after it, unless training stands before: `train_eval` trains, `eval_train` does not. */
const OTHER = /^(?:eval\w*|infer\w*|predict\w*|test\w*|val|valid\w*|demo|sampl\w*|generat\w*)$/;
