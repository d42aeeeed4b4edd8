import { open } from "node:fs/promises";

/** What a person wrote is smaller; a larger file was generated or is data. */
const MAX_SOURCE_BYTES = 1_000_000;

/** Pictures lie in notebooks as text. */
export const MAX_NOTEBOOK_BYTES = 20_000_000;

/** The text of a source file without its byte order mark; nothing where it is gone, unreadable or larger than any source. */
export async function readSource(path: string, maxBytes = MAX_SOURCE_BYTES): Promise<string | undefined> {
  try {
    await using file = await open(path, "r");
    const status = await file.stat();
    if (!status.isFile() || status.size > maxBytes) {
      return undefined;
    }
    return decodeSource(await file.readFile());
  } catch {
    return undefined;
  }
}

/** The text of a file's bytes without its byte order mark. PowerShell writes `pip freeze > requirements.txt` as UTF-16, which begins with a mark that tells. */
export function decodeSource(bytes: Uint8Array): string {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const encoding = isUtf16 ? (bytes[0] === 0xff ? "utf-16le" : "utf-16be") : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}
