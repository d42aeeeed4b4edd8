/** The form in which two spellings of a package's name are equal (PEP 503): `scikit-learn` for `Scikit_Learn`. */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}
