import assert from "node:assert/strict";
import { test } from "node:test";
import { findSecret } from "../../../src/core/base/secrets.ts";

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
  ["WANDB_API_KEY=0123456789abcdef0123456789abcdef01234567", "a password or key"],
];

const HARMLESS: readonly string[] = [
  "Labels are versioned with DVC",
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

test("takes linear time on long lines that almost match", () => {
  const started = performance.now();
  findSecret(`${"a".repeat(200_000)}token${"=".repeat(50_000)}`);
  findSecret("eyJ".repeat(100_000));
  findSecret("https://".repeat(50_000));
  findSecret("a.".repeat(100_000));
  assert.ok(performance.now() - started < 2000);
});
