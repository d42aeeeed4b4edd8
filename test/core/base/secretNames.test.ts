import assert from "node:assert/strict";
import { test } from "node:test";
import { isSecretName } from "../../../src/core/base/secretNames.ts";

const SECRET = `
  WANDB_API_KEY HF_TOKEN AWS_SECRET_ACCESS_KEY KAGGLE_KEY PGPASSWORD MYSQL_PWD DB_PASS SSH_PASS NAS_PASS GITHUB_PAT
  AZURE_DEVOPS_EXT_PAT DD_APP_KEY SIGNING_KEY ENCRYPTION_KEY OPENAI_KEY ACME_KEY MODAL_TOKEN_ID MODAL_TOKEN_SECRET GIT_TOKENS
  AZURE_STORAGE_CONNECTION_STRING --hub-token --hf_token --password --pass --pwd --db-pass --wandb-key --authtoken --secrets
  --HFToken --hfToken --new-token --api-keys --github-pat --apikey --credentials logger.apiKey model.hub[token]
  trainer.logger@x.api_key trainer/logger.api_key oauth2.clientSecret password2
`;

const HARMLESS = `
  --pad-token --max_token max_tokens num_new_tokens --tokens train_tokens --eos_token eos_token_id EOS_TOKEN_ID --token-id image_token_index
  --token-dropout token_type_ids --tokenizer --key --key-padding key_padding_mask sort_key primary_key PRIMARY_KEY METRIC_KEY
  KEYBOARD keypoints --monkey --turkey --passes --pass-through --bypass --compass num_passes forward_pass NUM_PASS --path PATH PATTERN
  placeholder_token initializer_token token_abstraction --token-mlp-dim token_keep_rate --token-label-size --class-token
  --modifier_token instance_token query_token --prompt-token register_token vocab_token
  --compat --pattern file_pat PWD OLDPWD --author --secretary --lr --batch-size CUDA_VISIBLE_DEVICES PYTHONPATH
`;

const namesIn = (text: string) => text.trim().split(/\s+/);

test("the name of a variable or an argument tells that it holds a secret", () => {
  assert.deepEqual(
    namesIn(SECRET).filter((name) => !isSecretName(name)),
    [],
  );
});

test("names that only sound like a secret are none", () => {
  assert.deepEqual(namesIn(HARMLESS).filter(isSecretName), []);
});

test("a name is judged in linear time", () => {
  const started = process.cpuUsage();
  for (const part of ["password", "token_", "aB", "ABc", "-", "github_x_pat"]) {
    isSecretName(part.repeat(50_000));
  }
  assert.ok(process.cpuUsage(started).user < 1_000_000);
});
