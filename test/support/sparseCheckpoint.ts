import type { ByteSource } from "../../src/core/base/byteSource.ts";
import { bytesOf } from "./checkpointBuilders.ts";

const local = (name: string): Uint8Array => bytesOf("PK\x03\x04", new Uint8Array(22), [name.length, 0, 0, 0], name);
const record = (name: string, sizeBytes: number, offset: number): Uint8Array => {
  const extra = new DataView(new ArrayBuffer(28));
  extra.setUint16(0, 1, true);
  extra.setUint16(2, 24, true);
  [sizeBytes, sizeBytes, offset].forEach((value, index) => extra.setBigUint64(4 + index * 8, BigInt(value), true));
  const saturated = [0xff, 0xff, 0xff, 0xff];
  const middle = [name.length, 0, 28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  return bytesOf(
    "PK\x01\x02",
    new Uint8Array(16),
    saturated,
    saturated,
    middle,
    saturated,
    name,
    new Uint8Array(extra.buffer),
  );
};

/** A zip64 checkpoint whose one storage is a hole. */
export function sparseCheckpoint(
  pickle: Uint8Array,
  storageBytes: number,
): { source: ByteSource; bytesRead: () => number } {
  const head = bytesOf(local("a/data.pkl"), pickle, local("a/data/0"));
  const versionAt = head.length + storageBytes;
  const version = bytesOf(local("a/version"), "3\n");
  const directory = bytesOf(
    record("a/data.pkl", pickle.length, 0),
    record("a/data/0", storageBytes, local("a/data.pkl").length + pickle.length),
    record("a/version", 2, versionAt),
  );
  const directoryAt = versionAt + version.length;
  const end = new DataView(new ArrayBuffer(56 + 20));
  end.setUint32(0, 0x06064b50, true);
  end.setBigUint64(4, 44n, true);
  end.setBigUint64(24, 3n, true);
  end.setBigUint64(32, 3n, true);
  end.setBigUint64(40, BigInt(directory.length), true);
  end.setBigUint64(48, BigInt(directoryAt), true);
  end.setUint32(56, 0x07064b50, true);
  end.setBigUint64(64, BigInt(directoryAt + directory.length), true);
  end.setUint32(72, 1, true);
  const short = bytesOf(
    "PK\x05\x06",
    [0, 0, 0, 0],
    Array.from({ length: 12 }, () => 0xff),
    [0, 0],
  );
  const tail = bytesOf(version, directory, new Uint8Array(end.buffer), short);
  let total = 0;
  const sizeBytes = versionAt + tail.length;
  const read = (offset: number, length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(Math.min(length, sizeBytes - offset));
    total += bytes.length;
    place(bytes, offset, head, 0);
    place(bytes, offset, tail, versionAt);
    return Promise.resolve(bytes);
  };
  return { source: { sizeBytes, read }, bytesRead: () => total };
}

function place(target: Uint8Array, targetAt: number, part: Uint8Array, partAt: number): void {
  const from = Math.max(targetAt, partAt);
  const to = Math.min(targetAt + target.length, partAt + part.length);
  if (from < to) {
    target.set(part.subarray(from - partAt, to - partAt), from - targetAt);
  }
}
