import { parentPort } from "node:worker_threads";
import { messageOf } from "../../core/base/errors.ts";
import { drawFlows } from "../../core/metaflow/flowDrawing.ts";
import { describeStepAt, summarizeFlows } from "../../core/metaflow/flowSummary.ts";
import type { FlowReport } from "../../core/metaflow/lint/checkFlow.ts";
import type { FlowsReply, FlowsRequest } from "./flowsProtocol.ts";
import { inspectFlowText } from "./inspectFlow.ts";

/*
 * The thread that reads and checks flows while they are typed: a flow of a thousand steps takes longer than the thread of
 * the editor may be held. One request at a time, in the order they came.
 */
let last: Promise<unknown> = Promise.resolve();

/** The report that was asked for last: a pointer rests on a text that has just been checked, and a drawing follows it. */
let latest: { request: FlowsRequest; report: FlowReport } | undefined;

parentPort?.on("message", (request: FlowsRequest) => {
  last = last.then(async () => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    parentPort?.postMessage(await answer(request));
  });
});

async function answer(request: FlowsRequest): Promise<FlowsReply> {
  const { id, position, isDrawn } = request;
  try {
    const isAsked = position !== undefined || isDrawn === true;
    const known = isAsked && isSameText(request) ? latest?.report : undefined;
    const report = known ?? (await inspectFlowText(request.text, request));
    latest = { request, report };
    if (isDrawn === true) {
      return { id, drawings: drawFlows(report) };
    }
    return position === undefined
      ? { id, summary: summarizeFlows(report) }
      : { id, hover: describeStepAt(report, position) };
  } catch (error) {
    // The thread's boundary: what is thrown here rejects the question on the other side.
    return { id, error: messageOf(error) };
  }
}

function isSameText({ path, text }: FlowsRequest): boolean {
  return latest?.request.path === path && latest.request.text === text;
}
