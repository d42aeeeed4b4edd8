import { type AuditedCode, classOf, ownerOf, type ScopedCall } from "./scopedCalls.ts";

/** Learn something from the rows they are fitted on. `Normalizer` looks at one row at a time and is none. */
const FITTED =
  /(?:Scaler|Imputer|PCA|SVD|NMF|Discretizer|Transformer|Vectorizer|Selector|Encoder|Embedding|Resampler|Sampler)$|^(?:SelectKBest|SelectPercentile|SelectFromModel|RFE|RFECV|VarianceThreshold|SMOTE\w*|ADASYN|LinearDiscriminantAnalysis)$/;

/** What only lists the labels, or learns nothing at all: their fit knows no values of features. */
const HARMLESS = /^(?:LabelEncoder|LabelBinarizer|MultiLabelBinarizer|HashingVectorizer|FunctionTransformer)$/;

export const FIT = /^(?:fit|fit_transform|fit_resample|partial_fit)$/;

export function isPreprocessing(call: ScopedCall, code: AuditedCode): boolean {
  const made = fittedClass(call, code);
  return made !== undefined && FITTED.test(made) && !HARMLESS.test(made);
}

/** A list of labels is fitted too, and is no model; what nobody knows the class of may be one. */
export function mayFitModel(call: ScopedCall, code: AuditedCode): boolean {
  const made = fittedClass(call, code);
  return made === undefined || !(FITTED.test(made) || HARMLESS.test(made));
}

function fittedClass(call: ScopedCall, code: AuditedCode): string | undefined {
  return FIT.test(call.method) ? classOf(ownerOf(call), code) : undefined;
}
