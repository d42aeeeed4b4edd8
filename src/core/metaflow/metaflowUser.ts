/** Where Metaflow looks for the name of the person, in its order. */
const NAME_VARIABLES = ["METAFLOW_USER", "SUDO_USER", "USERNAME", "USER"];

/**
 * The variables to add so that Metaflow knows a user. It refuses to work without a name, and `root` is none to it,
 * which is what containers have. Empty where the environment names somebody.
 */
export function metaflowUser(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const isKnown = NAME_VARIABLES.some((name) => !["", "root", undefined].includes(environment[name]));
  return isKnown ? {} : { METAFLOW_USER: "trainyard" };
}
