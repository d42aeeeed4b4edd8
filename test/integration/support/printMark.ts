/** Invisible; what the suite prints starts with it, so that the web host finds it among all that VS Code logs. */
export const PRINT_MARK = "\u2063";
