/*
 * The few globals that every runtime of the core has (Node, the editor's host, a browser) and that the
 * ECMAScript library does not name. Nothing else of a runtime is visible to the compiler here.
 */

export {};

declare global {
  interface AbortSignal {
    readonly aborted: boolean;
    readonly reason: unknown;
    throwIfAborted(): void;
    addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
    removeEventListener(type: "abort", listener: () => void): void;
  }

  class TextDecoder {
    constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
    decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
  }

  class TextEncoder {
    encode(text: string): Uint8Array<ArrayBuffer>;
  }
}
