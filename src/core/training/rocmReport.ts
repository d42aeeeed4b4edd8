import * as z from "zod/mini";
import { parseJson } from "../base/parseJson.ts";
import type { Gpu } from "./gpuReport.ts";

/*
 * What `rocm-smi` prints with ROCM_ARGUMENTS: one object per GPU of AMD, all values as text, and one of the system. Warnings may stand
 * before it. Older versions say "Card series" and have no "Device Name"; a value that is not to be had is "N/A".
 *
 *   {"card0": {"Device Name": "AMD Instinct MI300X", "Unique ID": "0x2c0d5b7f9a3e1846", "GPU use (%)": "0",
 *              "VRAM Total Memory (B)": "206141652992", "VRAM Total Used Memory (B)": "297365504"}, "system": {…}}
 *
 * https://github.com/ROCm/rocm_smi_lib/tree/amd-staging/python_smi_tools
 */
export const ROCM_ARGUMENTS = [
  "--showproductname",
  "--showuniqueid",
  "--showuse",
  "--showmeminfo",
  "vram",
  "--json",
] as const;

const reportSchema = z.record(z.string(), z.record(z.string(), z.unknown()));
const BYTES_PER_MIB = 1024 * 1024;

/** The GPUs of AMD that a training can be given; undefined where the text is no such report. */
export function parseRocmReport(text: string): Gpu[] | undefined {
  const begin = text.indexOf("{");
  const parsed = reportSchema.safeParse(parseJson(begin === -1 ? "" : text.slice(begin)));
  return parsed.success ? Object.entries(parsed.data).flatMap(([card, values]) => gpuOf(card, values)) : undefined;
}

function gpuOf(card: string, values: Readonly<Record<string, unknown>>): Gpu[] {
  const number = /^card(\d+)$/.exec(card)?.[1];
  if (number === undefined) {
    return [];
  }
  const index = Number(number);
  const id = /^(?:0x)?([\da-f]{1,16})$/i.exec(textOf(values["Unique ID"]) ?? "")?.[1];
  const total = numberOf(values["VRAM Total Memory (B)"]);
  const used = numberOf(values["VRAM Total Used Memory (B)"]);
  const name = ["Device Name", "Card Series", "Card series"].map((key) => textOf(values[key])).find(Boolean);
  return [
    {
      index,
      maker: "amd",
      // Graphics cards without an identifier of their own are known by their number alone.
      uuid: id === undefined ? `AMD-${index}` : `GPU-${id.toLowerCase().padStart(16, "0")}`,
      name: name ?? "AMD GPU",
      totalMiB: total === undefined ? undefined : Math.round(total / BYTES_PER_MIB),
      usedMiB: used === undefined ? undefined : Math.round(used / BYTES_PER_MIB),
      freeMiB: total === undefined || used === undefined ? undefined : Math.round((total - used) / BYTES_PER_MIB),
      utilizationPercent: numberOf(values["GPU use (%)"]),
      isPartitioned: false,
      processes: [],
    },
  ];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value !== "N/A" ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  const number = Number(textOf(value) ?? Number.NaN);
  return Number.isFinite(number) ? number : undefined;
}
