// Takes the place of @vscode/native-watchdog, whose native part needs a compiler. It ends an extension host whose
// server is gone and whose event loop hangs; the guard of the host ends the whole process group anyway.
"use strict";
module.exports = {
  start() {},
  exit(code) {
    process.exit(code ?? 0);
  },
};
