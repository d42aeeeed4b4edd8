import { open } from "node:fs/promises";

/** What a person wrote is smaller; a larger file was generated or is data. */
const MAX_SOURCE_BYTES = 1_000_000;

/** The text of a source file without its byte order mark; nothing where it is gone, unreadable or larger than any source. */
export async function readSource(path: string, maxBytes = MAX_SOURCE_BYTES): Promise<string | undefined> {
  try {
    await using file = await open(path, "r");
    const status = await file.stat();
    if (!status.isFile() || status.size > maxBytes) {
      return undefined;
    }
    return decode(await file.readFile());
  } catch {
    return undefined;
  }
}

/** PowerShell writes `pip freeze > requirements.txt` as UTF-16, which begins with a mark that tells. */
function decode(bytes: Buffer): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}
