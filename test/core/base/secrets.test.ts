import assert from "node:assert/strict";
import { test } from "node:test";
import { findSecret, maskSecrets } from "../../../src/core/base/secrets.ts";

const capitals = "ABCDEFGH23456789";
const letters = "abcdefghijklmnopqrstuvwxyz0123456789ABCD";

// Built from parts, so that no scanner takes this file for a leak.
const SECRETS: readonly [string, string][] = [
  [`key AKIA${capitals} in us-east-1`, "an AWS access key"],
  [`ghp_${letters.slice(0, 36)}`, "a GitHub token"],
  [`github_pat_${letters}`, "a GitHub token"],
  [`glpat-${letters.slice(0, 20)}`, "a GitLab token"],
  [`login with hf_${letters.slice(0, 34)}`, "a Hugging Face token"],
  [`xoxb-${letters.slice(0, 12)}`, "a Slack token"],
  [`AIza${letters.slice(0, 35)}`, "a Google API key"],
  [`sk-${letters}`, "an API key"],
  [`eyJ${letters.slice(0, 12)}.eyJ${letters.slice(0, 12)}.${letters.slice(0, 8)}`, "a signed web token"],
  ["-----BEGIN RSA PRIVATE KEY-----", "a private key"],
  ["postgresql://mlflow:hunter2go@db/mlflow", "an address with a password"],
  ['password = "c0rrect horse"'.replace(" horse", "horse"), "a password or key"],
  [`AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYabcdefgh12`, "a password or key"],
  [`os.environ["AWS_SECRET_ACCESS_KEY"] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYabcdefgh12"`, "a password or key"],
  [`AccountKey=${"aB3/".repeat(10)}==`, "a password or key"],
  ["passphrase: Tr0ub4dor&3xyz", "a password or key"],
  [`Authorization: Bearer ${letters.slice(0, 30)}`, "a bearer token"],
  ["curl -s -u ada:lovelace1 https://x", "a password"],
  [`sk_live_${letters.slice(0, 24)}`, "an API key"],
  [`npm_${letters.slice(0, 36)}`, "an npm token"],
  [`dckr_pat_${letters.slice(0, 27)}`, "a Docker token"],
  [`pypi-${letters.repeat(2)}`, "a PyPI token"],
  ["the wandb key is 0123456789abcdef0123456789abcdef01234567", "a password or key"],
  ["database password is `Tr0ub4dor&3xyz`", "a password or key"],
  ["WANDB_API_KEY=0123456789abcdef0123456789abcdef01234567", "a password or key"],
];

const HARMLESS: readonly string[] = [
  "Labels are versioned with DVC",
  "the primary key is user_id2024, the token is <TOKEN_2024Ab>",
  "the sort key is created_at_timestamp_utc",
  "token: Models/hub/llama2/tokenizer/Vocabulary/merges",
  "curl -u $USER:$PASSWORD https://x",
  "Bearer authentication is configured",
  "the token lies in ~/.netrc",
  "token: hub/token1.txt",
  "WANDB_API_KEY is set by the CI",
  'api_key = os.environ["WANDB_API_KEY"]',
  "password: ${DB_PASSWORD1}",
  "postgresql://mlflow:${PASSWORD}@db/mlflow",
  "commit 0123456789abcdef0123456789abcdef01234567",
  "max_tokens=4096, tokenizer: bert-base",
  "token_count = 123456",
  "http://localhost:5000/experiments",
];

test("names what looks like a credential and where it begins", () => {
  for (const [text, kind] of SECRETS) {
    assert.equal(findSecret(text)?.kind, kind, text);
  }
  assert.equal(findSecret(`x AKIA${capitals}`)?.start, 2);
});

test("lets names, paths, references and placeholders pass", () => {
  for (const text of HARMLESS) {
    assert.equal(findSecret(text), undefined, text);
  }
});

test("masks what looks like a credential and keeps what stands around it", () => {
  const token = `ghp_${letters.slice(0, 36)}`;
  for (const [text, expected] of [
    [`x @ git+https://oauth2:${token}@github.com/a/b`, "x @ git+https://…@github.com/a/b"],
    ["WANDB_API_KEY=0123456789abcdef01234567 python train.py", "WANDB_API_KEY=… python train.py"],
    [`${token} and ${token}`, "… and …"],
    ["python train.py --lr 0.1", "python train.py --lr 0.1"],
  ] as const) {
    assert.equal(maskSecrets(text), expected);
  }
});

test("takes linear time on long lines that almost match", () => {
  const started = process.cpuUsage();
  findSecret(`${"a".repeat(200_000)}token${"=".repeat(50_000)}`);
  findSecret("eyJ".repeat(100_000));
  findSecret("https://".repeat(50_000));
  findSecret("a.".repeat(100_000));
  findSecret("key is ".repeat(100_000));
  assert.ok(process.cpuUsage(started).user < 2_000_000);
});
