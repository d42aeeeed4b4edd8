/**
 * Parts that make a name secret wherever they stand in it. The name is compared in small letters, its parts between
 * underscores: `_hub_token_`. Long words count at the end of a part too, as in `PGPASSWORD`.
 */
const SECRET_PARTS = new RegExp(
  [
    String.raw`(?:password|passwd|passphrase|pwd|secret)s?\d*_`,
    "_(?:credentials?|creds?|token|pgpass)_",
    "(?:auth|access|api|bearer|refresh|session|github|git|hub|hf|secret)_?tokens?_",
    "(?:api|access|account|private|secret|auth|signing|encryption|kaggle|wandb|openai|anthropic)_?keys?_",
    "_(?:hf|hub|git|github|comet|neptune|app|application|client|consumer|master|deploy|license|jwt|aws|gcp|azure|datadog|dd)_keys?_",
    "_(?:github|gitlab|gh|git|azure|azp|ado|devops|databricks|snowflake|personal|user)(?:_[a-z]+)?_pat_$",
    "_(?:db|database|sql|mysql|postgres|pg|redis|mongo|ssh|smtp|ftp|mail|email|user|sudo|root|admin|login|proxy|registry|docker)_?pass_$",
    "^_pass_$",
    "_connection_string_",
  ].join("|"),
);

/** Variables are named by services that nobody can list, so there the last part is enough: `ACME_KEY`, `NAS_PASS`. */
const SECRET_VARIABLE = /_(?:key|pass)_$|_token_ids?_$/;

/** Keys of a table or of a batch, and passes over the data, which variables hold as well: `PRIMARY_KEY`, `NUM_PASS`. */
const PLAIN_VARIABLE =
  /_(?:sort|primary|foreign|cache|partition|metric|group|index|dict|state|column|label|feature|target|input|output|image|text|data|batch|loss|score|row|join|public|run|order|shard|prompt|answer|hot|config|sample|audio|video)_key_$|_(?:num|n|max|min|single|one|two|multi|first|second|forward|backward)_pass_$/;

/** The folder that a shell is in, which it keeps in a variable that sounds like a password. */
const WORKING_FOLDER = /^(?:OLD)?PWD$/;

/** Tokens that a model reads, and not those that open a door: `--pad-token`, `max_token`, `--token-dropout`. */
const TEXT_TOKEN =
  /_(?:pad|eos|bos|sep|cls|mask|unk|start|end|stop|special|image|audio|video|max|min|num|per|n|placeholder|initializer|class|modifier|instance|query|prompt|register|vocab)_?token|_token_(?:abstraction|mlp|keep|label|dropout|level|length|len|count|type|weight|merging|mixing|ratio|loss|limit|budget|dim|size|embeddings?)_/;
const TEXT_TOKEN_ID = /_token_ids?_/;

/** Whether what a variable or an argument of this name holds is nobody else's business. */
export function isSecretName(name: string): boolean {
  if (WORKING_FOLDER.test(name)) {
    return false;
  }
  const parts = partsOf(name);
  if (TEXT_TOKEN.test(parts)) {
    return false;
  }
  if (/^[A-Z][A-Z\d_]*$/.test(name)) {
    return SECRET_PARTS.test(parts) || (SECRET_VARIABLE.test(parts) && !PLAIN_VARIABLE.test(parts));
  }
  return SECRET_PARTS.test(parts) && !TEXT_TOKEN_ID.test(parts);
}

/** `_trainer_logger_api_key_` for `trainer.logger@apiKey`. */
function partsOf(name: string): string {
  const apart = name.replaceAll(/[a-z\d](?=[A-Z])|[A-Z](?=[A-Z][a-z])/g, "$&_");
  return `_${apart}_`.replaceAll(/[^A-Za-z\d]+/g, "_").toLowerCase();
}
