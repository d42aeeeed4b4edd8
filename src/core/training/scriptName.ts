import { UserError } from "../base/errors.ts";
import { nameWords } from "../base/nameWords.ts";

export type ParsedScriptName = { kind: "name"; moduleName: string } | { kind: "refused"; reason: string };

const MAX_NAME_LENGTH = 60;

const PYTHON_KEYWORDS = new Set(
  `and as assert async await break class continue def del elif else except finally for from global if import in is
   lambda nonlocal not or pass raise return try while with yield`.split(/\s+/),
);

// Windows keeps these names for devices, whatever their ending.
const WINDOWS_DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)$/;

// A script's folder comes first on Python's import path, so a script named like a module hides it from the libraries
// that import it. Python's own top-level modules (3.11), and those that a training script imports.
const HIDDEN_MODULES = new Set(
  `abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect builtins
   bz2 calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent configparser
   contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils
   doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools
   gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp
   importlib inspect io ipaddress itertools json keyword linecache locale logging lzma mailbox mailcap marshal math
   mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode
   operator optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix
   posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pyexpat queue quopri random re readline reprlib
   resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr
   socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct
   subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap this threading
   time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle types typing unicodedata unittest
   urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile
   zipimport zlib zoneinfo
   numpy scipy sklearn torch tensorboard metaflow joblib`.split(/\s+/),
);

/** The Python module name of a new script from what a person typed: "train cats" and "train-cats.py" mean train_cats. */
export function parseScriptName(text: string): ParsedScriptName {
  const typed = text.trim().replace(/\.py$/i, "");
  const example = 'for example "train"';
  if (typed === "") {
    return refuse(`A script needs a name, ${example}.`);
  }
  const strange = /[^A-Za-z0-9_\s-]/u.exec(typed)?.[0];
  if (strange !== undefined) {
    return refuse(
      `"${typed}" cannot name a script because of "${strange}". Use the letters a to z, digits and blanks, ${example}.`,
    );
  }
  const moduleName = nameWords(typed).join("_");
  if (!/^[a-z]/.test(moduleName)) {
    return refuse(`"${typed}" does not begin with a letter, and a Python name must. Begin with one, ${example}.`);
  }
  if (moduleName.length > MAX_NAME_LENGTH) {
    return refuse(`A script's name has at most ${MAX_NAME_LENGTH} characters; this one has ${moduleName.length}.`);
  }
  if (PYTHON_KEYWORDS.has(moduleName) || WINDOWS_DEVICES.test(moduleName)) {
    return refuse(`"${moduleName}" is a reserved word, so nothing could import the script. Add a word, ${example}.`);
  }
  if (HIDDEN_MODULES.has(moduleName)) {
    return refuse(
      `A script named ${moduleName}.py would hide the Python module "${moduleName}" from every library beside it. Add a word to the name, for example "train ${moduleName}".`,
    );
  }
  return { kind: "name", moduleName };
}

/** Like {@link parseScriptName}; throws the reason as a UserError. */
export function requireScriptName(text: string): string {
  const parsed = parseScriptName(text);
  if (parsed.kind === "refused") {
    throw new UserError(parsed.reason);
  }
  return parsed.moduleName;
}

function refuse(reason: string): ParsedScriptName {
  return { kind: "refused", reason };
}
