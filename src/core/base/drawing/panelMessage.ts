/** What the extension sends to the panel of a graph. `caption` stands below the drawing. */
export type PanelMessage = { kind: "draw"; svg: string; caption: string } | { kind: "too-large"; text: string };

/** What the panel sends back. */
export type PanelRequest = { kind: "ready" } | { kind: "open"; name: string };
