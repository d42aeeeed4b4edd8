import { ProtoReader, WIRE } from "../base/protobuf.ts";
import { parseTolerant } from "./jsonLog.ts";
import { flattenParameters, type Parameters } from "./parameters.ts";

const decoder = new TextDecoder();

/** The hyper-parameters in a `ConfigRecord` of W&B. Its own notes, such as versions and telemetry, stand below `_wandb`. */
export function readWandbConfig(bytes: Uint8Array, from: number, to: number): Parameters {
  const config: Record<string, unknown> = {};
  const record = new ProtoReader().start(bytes, from, to);
  while (record.next()) {
    if (record.field === 1 && record.wire === WIRE.bytes) {
      const [name, value] = readItem(bytes, record);
      if (name !== "" && !name.startsWith("_wandb")) {
        config[name] = value;
      }
    }
  }
  return flattenParameters(config);
}

function readItem(bytes: Uint8Array, { from, to }: ProtoReader): [string, unknown] {
  const item = new ProtoReader().start(bytes, from, to);
  const keys: string[] = [];
  let value: unknown;
  while (item.next()) {
    if (item.wire !== WIRE.bytes) {
      continue;
    }
    const text = decoder.decode(bytes.subarray(item.from, item.to));
    if (item.field === 1 || item.field === 2) {
      keys.push(text);
    } else if (item.field === 16) {
      value = parseTolerant(text);
    }
  }
  return [keys.filter((key) => key !== "").join("."), value];
}
