import { importsIn } from "../../base/pythonImports.ts";
import { literalText, readConstant } from "../../base/pythonLiteral.ts";
import type { PythonNode } from "../../base/pythonSyntax.ts";
import type { AuditedCode, ScopedCall } from "./scopedCalls.ts";

/** Where a script takes its data from, as it is written there. Lines count from zero. */
export type DataSource = { line: number; call: string; source?: string };

/** How it divides them. */
export type DataSplit = {
  line: number;
  call: string;
  /** The share or the lengths as written: `test_size=0.15`. */
  sizes: readonly string[];
  /** The names of the parts, as far as the statement gives them. */
  parts: readonly string[];
  isSeeded: boolean;
  isStratified: boolean;
};

/** How it feeds them to the model. */
export type DataLoading = { line: number; dataset: string; settings: Readonly<Record<string, string>> };

export type DataUse = {
  sources: readonly DataSource[];
  splits: readonly DataSplit[];
  loaders: readonly DataLoading[];
};

/** By the last name of the call. */
const READERS = new Set(
  `read_csv read_parquet read_json read_excel read_feather read_pickle read_sql read_table read_hdf load_dataset
   load_from_disk load_data image_dataset_from_directory flow_from_directory ImageFolder DatasetFolder loadtxt genfromtxt
   fetch_openml fetch_california_housing fetch_20newsgroups fetch_covtype fetch_olivetti_faces make_classification
   make_regression make_blobs load_digits load_iris load_wine load_breast_cancer load_diabetes scan_parquet scan_csv
   TFRecordDataset WebDataset load_svmlight_file`.split(/\s+/),
);

/** `torchvision.datasets.MNIST`, `datasets.CIFAR10`: a class of a module of data sets. */
const DATASET_OWNER = /(?:^|\.)datasets\.[A-Z]\w+$/;

export const SPLITTERS = new Set(
  `train_test_split random_split KFold StratifiedKFold GroupKFold StratifiedGroupKFold RepeatedKFold ShuffleSplit
   StratifiedShuffleSplit GroupShuffleSplit TimeSeriesSplit LeaveOneOut LeaveOneGroupOut`.split(/\s+/),
);

/** Splits and evaluates at once. */
export const EVALUATING_SPLIT = /^cross_(?:val_score|validate|val_predict)$/;

const SIZE_KEYWORDS = ["test_size", "train_size", "n_splits", "lengths", "shuffle"];
const LOADER_KEYWORDS = [
  "batch_size",
  "shuffle",
  "num_workers",
  "pin_memory",
  "persistent_workers",
  "prefetch_factor",
  "drop_last",
  "sampler",
  "batch_sampler",
];

export function readDataUse(code: AuditedCode): DataUse {
  return {
    sources: readSources(code),
    splits: code.scoped.filter(({ method }) => SPLITTERS.has(method)).map((call) => readSplit(call, code)),
    loaders: code.scoped
      .filter(({ method }) => method === "DataLoader")
      .map((call) => ({
        line: call.line,
        dataset: short((call.keywords.get("dataset") ?? call.positional[0])?.text ?? ""),
        settings: settingsOf(call, LOADER_KEYWORDS, ["dataset", "batch_size", "shuffle"]),
      })),
  };
}

function readSources({ root, scoped, constants }: AuditedCode): DataSource[] {
  const datasets = new Set(
    importsIn(root)
      .filter(({ module, name }) => /(?:^|\.)datasets$/.test(module) && name !== undefined)
      .map(({ local }) => local),
  );
  return scoped
    .filter(
      ({ method, callee }) =>
        READERS.has(method) ||
        DATASET_OWNER.test(callee) ||
        datasets.has(callee) ||
        /^(?:np|numpy)\.load$|^h5py\.File$|^tfds\.load$/.test(callee),
    )
    .map((call) => {
      const first = call.positional[0] ?? call.keywords.get("root") ?? call.keywords.get("path");
      const source = literalText(readConstant(first, constants)) ?? first?.text;
      return { line: call.line, call: call.callee || call.method, ...(source ? { source: short(source) } : {}) };
    });
}

function readSplit(call: ScopedCall, { constants }: AuditedCode): DataSplit {
  const sizes = Object.entries(settingsOf(call, SIZE_KEYWORDS, [])).map(([name, value]) => `${name}=${value}`);
  const lengths = call.method === "random_split" ? call.positional[1]?.text : undefined;
  const stratify = call.keywords.get("stratify");
  return {
    line: call.line,
    call: call.callee || call.method,
    sizes: lengths === undefined ? sizes : [short(lengths), ...sizes],
    parts: call.targets,
    isSeeded: isSeeded(call, constants),
    isStratified: (stratify !== undefined && stratify.type !== "none") || call.method.startsWith("Stratified"),
  };
}

/** Splits in the order of the data need no seed. */
export function isSeeded(
  { keywords, positional, hasSplat, method }: ScopedCall,
  constants: AuditedCode["constants"],
): boolean {
  const generator = method === "random_split" ? positional[2] : undefined;
  const seed = keywords.get("random_state") ?? keywords.get("generator") ?? keywords.get("seed") ?? generator;
  const shuffle = literalText(readConstant(keywords.get("shuffle"), constants));
  const isOrdered =
    shuffle === "False" ||
    (/^(?:Stratified|Group|StratifiedGroup)?KFold$/.test(method) && shuffle === undefined) ||
    /^(?:TimeSeriesSplit|Leave)/.test(method);
  return isOrdered || hasSplat || (seed !== undefined && seed.type !== "none");
}

function settingsOf(
  call: ScopedCall,
  keywords: readonly string[],
  positions: readonly string[],
): Record<string, string> {
  const settings: Record<string, string> = {};
  const add = (name: string, node: PythonNode | undefined) => {
    if (node && keywords.includes(name)) {
      settings[name] = short(node.text);
    }
  };
  positions.forEach((name, index) => add(name, call.positional[index]));
  keywords.forEach((name) => add(name, call.keywords.get(name)));
  return settings;
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}
