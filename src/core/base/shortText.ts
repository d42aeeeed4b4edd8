const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Up to here a loop is faster than the call of a decoder. */
const SHORT_BYTES = 48;

/** Text of UTF-8 bytes as TextDecoder gives it; quick for names and keys, of which a checkpoint has tens of thousands. */
export function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.length > SHORT_BYTES) {
    return decoder.decode(bytes);
  }
  let text = "";
  for (const byte of bytes) {
    if (byte > 0x7f) {
      return decoder.decode(bytes);
    }
    text += String.fromCharCode(byte);
  }
  return text;
}
