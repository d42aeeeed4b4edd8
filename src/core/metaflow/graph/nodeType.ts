/** What a step is in the graph, in Metaflow's own words; it has none for a step without a transition, or with one that it refuses. */
export type NodeType = "start" | "linear" | "split" | "foreach" | "split-switch" | "join" | "end";
