/** The Python that has the packages of requirements.txt; `npm run test:owners` sets it up and names it. */
export function ownersPython(): string {
  const python = process.env["TRAINYARD_OWNERS_PYTHON"];
  if (python === undefined) {
    throw new Error("TRAINYARD_OWNERS_PYTHON names no Python. Run these tests with: npm run test:owners");
  }
  return python;
}
