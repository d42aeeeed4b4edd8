/** What the extension sends to the panel of a flow graph. */
export type PanelMessage = { kind: "draw"; svg: string } | { kind: "too-large"; text: string };

/** What the panel sends back. */
export type PanelRequest = { kind: "ready" } | { kind: "open"; step: string };
