const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Up to here a loop is faster than the call of a decoder. */
const SHORT_BYTES = 48;

/**
 * Text of the UTF-8 bytes from `start` to before `end`, as TextDecoder gives it; quick for names and keys, of which a
 * checkpoint has tens of thousands: no view of the bytes is made for a short one, nor a text per character.
 */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start > SHORT_BYTES) {
    return decoder.decode(bytes.subarray(start, end));
  }
  const codes: number[] = [];
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x7f) {
      return decoder.decode(bytes.subarray(start, end));
    }
    codes.push(byte);
  }
  return String.fromCharCode(...codes);
}
