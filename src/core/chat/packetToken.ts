/*
 * How a packet travels: the prompt that a handoff puts into the chat input ends in `#handoff:<id>`. The token is
 * short, looks like the other `#` references of the chat, survives editing of the prompt, and can be deleted by a
 * person who wants to pass nothing on.
 */
const TOKEN = /(^|\s)#handoff:([a-z0-9]{4,32})(?=[\s.,;!?)]|$)/;

export function isPacketId(id: string): boolean {
  return /^[a-z0-9]{4,32}$/.test(id);
}

export function appendPacketToken(prompt: string, id: string): string {
  return `${prompt.trim()} #handoff:${id}`;
}

/** The prompt without its packet token, and the packet's id where there is one. */
export function takePacketToken(prompt: string): { prompt: string; packetId?: string } {
  const packetId = TOKEN.exec(prompt)?.[2];
  return packetId === undefined
    ? { prompt }
    : {
        prompt: prompt
          .replace(TOKEN, "$1")
          .replaceAll(/[ \t]{2,}/g, " ")
          .trim(),
        packetId,
      };
}
