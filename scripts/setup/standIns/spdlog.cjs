// Takes the place of @vscode/spdlog, whose native part needs a compiler: the same interface over a plain file stream.
"use strict";
const { createWriteStream, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");

const LEVELS = ["trace", "debug", "info", "warning", "error", "critical"];

class Logger {
  #stream;
  #level = 2;
  #isFormatted = true;

  constructor(_kind, _name, file) {
    mkdirSync(dirname(file), { recursive: true });
    this.#stream = createWriteStream(file, { flags: "a" });
    // A log that cannot be written (a full disk, a removed folder) must not end the editor.
    this.#stream.on("error", () => {});
  }

  trace(message) {
    this.#write(0, message);
  }

  debug(message) {
    this.#write(1, message);
  }

  info(message) {
    this.#write(2, message);
  }

  warn(message) {
    this.#write(3, message);
  }

  error(message) {
    this.#write(4, message);
  }

  critical(message) {
    this.#write(5, message);
  }

  getLevel() {
    return this.#level;
  }

  setLevel(level) {
    this.#level = level;
  }

  setPattern() {
    this.#isFormatted = true;
  }

  clearFormatters() {
    this.#isFormatted = false;
  }

  flush() {}

  drop() {
    this.#stream.end();
  }

  #write(level, message) {
    if (level < this.#level) {
      return;
    }
    const time = new Date().toISOString().replace("T", " ").replace("Z", "");
    this.#stream.write(this.#isFormatted ? `${time} [${LEVELS[level]}] ${message}\n` : message);
  }
}

const createLogger = (kind) => async (name, file, maxBytes, maxFiles) =>
  new Logger(kind, name, file, maxBytes, maxFiles);

// One assignment a name: an `import()` of this file sees only names that are assigned like this.
exports.version = 0;
exports.Logger = Logger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = createLogger("rotating");
exports.createAsyncRotatingLogger = createLogger("rotating_async");
