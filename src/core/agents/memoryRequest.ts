import { MEMORY_TOPICS, type MemoryTopic } from "./agentMemory.ts";
import { isAgentName } from "./agentName.ts";

/** Whose memory a request is about, and the rest of its text. */
export type MemoryRequest = { agent: string; rest: string };

/** `@ml-trainer Adam diverges above 1e-3` is for ml-trainer; without a name it is for the agent that was asked. */
export function parseMemoryRequest(text: string, asked: string): MemoryRequest {
  const said = withoutRequest(text);
  const [, name = "", rest = ""] = /^@([\w-]+)(?:\s+|$)([\s\S]*)$/.exec(said) ?? [];
  return isAgentName(name) ? { agent: name, rest: withoutRequest(rest) } : { agent: asked, rest: said };
}

/** "remember: seed 42" and "that seed 42 is used" say what to remember, and the words before it are none of it. */
function withoutRequest(text: string): string {
  return text
    .trim()
    .replace(/^(?:please )?(?:remember\b[\s:,]*|(?:note|keep in mind)(?=,? that\b),?\s*)/i, "")
    .replace(/^that\s+(?=\S)/i, "");
}

/** Whether a text asks to forget all notes at once, and not the one with this word. */
export function meansAllNotes(text: string): boolean {
  return /^(?:(?:absolutely )?everything|it all|all|all (?:of )?(?:it|(?:the |your |my )?(?:notes|facts|memor(?:y|ies))))[.!]*$/i.test(
    text,
  );
}

/** `data: parquet by day` names its topic; otherwise the first topic with a telling word is taken. */
export function parseNote(text: string): { topic: MemoryTopic; what: string } {
  const match = /^([a-z]+)\s*:\s*(\S[\s\S]*)$/i.exec(text.trim());
  const named = (match?.[1] ?? "").toLowerCase();
  if (match !== null && isTopic(named)) {
    return { topic: named, what: match[2] ?? "" };
  }
  return { topic: suggestTopic(text), what: text.trim() };
}

function isTopic(word: string): word is MemoryTopic {
  return Object.hasOwn(MEMORY_TOPICS, word);
}

/** In this order, since an alert about data drift is about monitoring, and a fix for an outage is about failures. */
const TELLING_WORDS: readonly [MemoryTopic, RegExp][] = [
  ["failures", /\b(?:fail|crash|broke|error|oom|out of memory|diverge|nan|incident|resolved|fixed|workaround)/i],
  ["monitoring", /\b(?:alert|monitor|threshold|dashboard|drift|grafana|prometheus|pager)/i],
  ["registry", /\b(?:registry|registered|promot|staging|model version|model alias)/i],
  ["delivery", /\b(?:deploy|ci\b|cd\b|canary|blue.green|rollback|release|github actions|gitlab|argo ?cd|helm)/i],
  ["orchestration", /\b(?:flow|dag|airflow|argo|step functions|schedul|orchestrat|foreach|cron)/i],
  ["infrastructure", /\b(?:gpu|node|cluster|kubernetes|autoscal|queue|instance|memory|disk|docker|image|spot)/i],
  ["data", /\b(?:data|dataset|label|schema|table|column|parquet|csv|bucket|dvc|feature|split)/i],
];

function suggestTopic(text: string): MemoryTopic {
  return TELLING_WORDS.find(([, words]) => words.test(text))?.[0] ?? "other";
}
