import type { FlowDrawing } from "../../core/metaflow/flowDrawing.ts";
import type { FlowSummary, Position, StepHover } from "../../core/metaflow/flowSummary.ts";
import { ThreadClient } from "../base/threadClient.ts";
import { workerPath } from "../base/workerPath.ts";
import type { FlowLocation } from "./flowSources.ts";
import type { FlowsReply, FlowsRequest } from "./flowsProtocol.ts";

/** Asks a worker thread about flows. The thread starts with the first question. */
export class FlowsClient implements Disposable {
  readonly #thread = new ThreadClient<FlowsRequest, FlowsReply>(
    workerPath(import.meta.url, "flowsWorker"),
    { name: "trainyard flows" },
    "Checking the flow was stopped before it was done. Change the file to have it checked again.",
  );

  async summarize(text: string, location: FlowLocation): Promise<FlowSummary> {
    const reply = await this.#ask({ text, ...placeOf(location) });
    if (!("summary" in reply)) {
      throw new Error("The thread of the flows gave no summary.");
    }
    return reply.summary;
  }

  async describeStepAt(text: string, location: FlowLocation, position: Position): Promise<StepHover | undefined> {
    const reply = await this.#ask({ text, ...placeOf(location), position });
    return "hover" in reply ? reply.hover : undefined;
  }

  async draw(text: string, location: FlowLocation): Promise<readonly FlowDrawing[]> {
    const reply = await this.#ask({ text, ...placeOf(location), isDrawn: true });
    return "drawings" in reply ? reply.drawings : [];
  }

  [Symbol.dispose](): void {
    this.#thread[Symbol.dispose]();
  }

  async #ask(request: Omit<FlowsRequest, "id">): Promise<FlowsReply> {
    const reply = await this.#thread.ask(request);
    if ("error" in reply) {
      throw new Error(reply.error);
    }
    return reply;
  }
}

function placeOf({ path, roots = [] }: FlowLocation): Pick<FlowsRequest, "path" | "roots"> {
  return { path, roots };
}
