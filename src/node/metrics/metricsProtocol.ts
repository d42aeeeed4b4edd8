import type { CurvesFrame } from "../../core/dashboard/curveMessages.ts";
import type { MetricsQuery } from "./metricsEngine.ts";

export type MetricsRequest = { id: number; query: MetricsQuery };

export type MetricsReply = { id: number; frame: CurvesFrame } | { id: number; problem: string };
