/** What the extension sends to the panel of a flow graph; `run` says in words which run the drawing shows. */
export type PanelMessage = { kind: "draw"; svg: string; run: string } | { kind: "too-large"; text: string };

/** What the panel sends back. */
export type PanelRequest = { kind: "ready" } | { kind: "open"; step: string } | { kind: "choose-run" };
