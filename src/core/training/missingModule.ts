import { standardModules } from "../base/pythonModules.ts";

/** What helps against a module that Python does not find: a package to install, or what to do where none would help. */
export type ModuleRemedy = { packageName: string } | { advice: string };

/** Takes the module as the message of Python names it: dotted up to the first part that is missing. */
export function remedyFor(module: string): ModuleRemedy {
  const [top = ""] = module.split(".");
  if (PROJECT_NAMES.has(top) || (module !== top && SHARED_NAMES.has(top))) {
    return { advice: adviseOnProjectModule(module) };
  }
  const standard = adviseOnStandardModule(top);
  if (standard !== undefined) {
    return { advice: standard };
  }
  if (top === "google") {
    return remedyForGoogle(module);
  }
  const part = Object.hasOwn(PACKAGES_OF_PARTS, module) ? PACKAGES_OF_PARTS[module] : undefined;
  if (part !== undefined) {
    return { packageName: part };
  }
  if (module !== top) {
    return { advice: adviseOnMissingPart(module) };
  }
  if (PYWIN32.test(top)) {
    return { packageName: "pywin32" };
  }
  if (standardModules.has(top)) {
    return {
      advice: `${top} is a part of Python that the Python of this run does not have: newer versions dropped it, another system has it, or it was left out when this Python was built. Use another Python.`,
    };
  }
  const repository = Object.hasOwn(REPOSITORIES, top) ? REPOSITORIES[top] : undefined;
  if (repository !== undefined) {
    return {
      advice: `${top} is not installed from the package index, where that name is another project's or nobody's: install it from ${repository}, as its README says.`,
    };
  }
  return { packageName: Object.hasOwn(PACKAGES, top) ? (PACKAGES[top] ?? top) : top };
}

function adviseOnProjectModule(module: string): string {
  const path = module.replaceAll(".", "/");
  return `${module} is nearly always code of the project, and no package to install: a file ${path}.py or a folder ${path} is expected beside the script or on PYTHONPATH. Look whether it was committed, and in which folder it is.`;
}

/** Python names the first part that is missing, so it has found what stands before the last dot. */
function adviseOnMissingPart(module: string): string {
  const lastDot = module.lastIndexOf(".");
  const [found, part] = [module.slice(0, lastDot), module.slice(lastDot + 1)];
  const [top] = module.split(".");
  return `${found} is there and has no ${part}: the name is misspelled, or of another version of ${top}. Correct the import, or use the version that has it.`;
}

/** For a module of Python's own library that this Python was built without, or that newer versions no longer have. */
function adviseOnStandardModule(module: string): string | undefined {
  const library = Object.hasOwn(NATIVE_LIBRARIES, module) ? NATIVE_LIBRARIES[module] : undefined;
  if (library !== undefined) {
    return `${module} is a part of Python, and the Python of this run was built without it. Install ${library} (its name on Debian and Ubuntu) and build that Python again, or use another Python.`;
  }
  const successor = Object.hasOwn(REMOVED_IN_3_12, module) ? REMOVED_IN_3_12[module] : undefined;
  return (
    successor && `${module} was removed from Python in 3.12. Use Python 3.11, or change the import to ${successor}.`
  );
}

/** What has to be there when Python is built for it to get the module. */
const NATIVE_LIBRARIES: Readonly<Record<string, string>> = {
  _bz2: "libbz2-dev",
  _ctypes: "libffi-dev",
  _curses: "libncurses-dev",
  _lzma: "liblzma-dev",
  _sqlite3: "libsqlite3-dev",
  _ssl: "libssl-dev",
  _tkinter: "tk-dev",
  readline: "libreadline-dev",
};

/** Projects that people import and install from their repositories. */
const REPOSITORIES: Readonly<Record<string, string>> = {
  apex: "github.com/NVIDIA/apex",
  clip: "github.com/openai/CLIP",
  detectron2: "github.com/facebookresearch/detectron2",
};

/** What takes the place of a removed module. */
const REMOVED_IN_3_12: Readonly<Record<string, string>> = {
  asynchat: "asyncio",
  asyncore: "asyncio",
  distutils: "setuptools, shutil or packaging",
  imp: "importlib",
};

/** Many packages share the folder `google`, so that it is there says nothing about the one that is missing. */
function remedyForGoogle(module: string): ModuleRemedy {
  const packageName = Object.hasOwn(GOOGLE_PACKAGES, module) ? GOOGLE_PACKAGES[module] : undefined;
  if (packageName !== undefined) {
    return { packageName };
  }
  if (Object.keys(GOOGLE_PACKAGES).some((known) => module.startsWith(`${known}.`))) {
    return { advice: adviseOnMissingPart(module) };
  }
  return module.startsWith("google.colab")
    ? { advice: `${module} is there in a notebook of Google Colab alone: take out the lines that use it.` }
    : {
        advice: `Several packages share the name ${module}. Install the one of the part that is imported: google.cloud.storage is of google-cloud-storage and its like of google-cloud-…, google.protobuf of protobuf, google.genai of google-genai.`,
      };
}

const GOOGLE_PACKAGES: Readonly<Record<string, string>> = {
  "google.protobuf": "protobuf",
  "google.genai": "google-genai",
  "google.generativeai": "google-generativeai",
  "google.auth": "google-auth",
  "google.oauth2": "google-auth",
  "google.api_core": "google-api-core",
  "google.cloud.storage": "google-cloud-storage",
  "google.cloud.bigquery": "google-cloud-bigquery",
  "google.cloud.aiplatform": "google-cloud-aiplatform",
};

/**
 * What projects call their own files and folders. Most of these names are taken on the package index too, by packages that have
 * nothing to do with the project and run code of their own when they are installed.
 */
const PROJECT_NAMES: ReadonlySet<string> = new Set(
  `args arguments backbone backbones base common config configs constants core data data_loader dataloader dataloaders
  dataset engine evaluation experiments helper helpers inference layers lib libs loader logger loss losses main metrics
  misc model models modules net nets network networks options opts params preprocess preprocessing scripts settings
  solver src tests tools train trainer trainers training transforms util utilities utils`.split(/\s+/),
);

/** Packages of Hugging Face, after which projects call their folders too: a part that they lack is one of the project. */
const SHARED_NAMES: ReadonlySet<string> = new Set(["datasets", "evaluate"]);

/** Of folders that several packages share, the parts that are packages of their own. */
const PACKAGES_OF_PARTS: Readonly<Record<string, string>> = {
  "backports.zoneinfo": "backports.zoneinfo",
  "mpl_toolkits.basemap": "basemap",
  "ruamel.yaml": "ruamel.yaml",
  "zope.interface": "zope.interface",
};

/** The modules of Windows in Python's hand. */
const PYWIN32 =
  /^(?:win32(?:api|clipboard|com|con|cred|crypt|event|evtlog|file|gui|job|net|pdh|pipe|print|process|profile|security|service|serviceutil|ts|ui)|pythoncom|pywintypes|winerror)$/;

/** Packages whose name on the index is not the name that is imported. */
const PACKAGES: Readonly<Record<string, string>> = {
  sklearn: "scikit-learn",
  cv2: "opencv-python",
  PIL: "pillow",
  yaml: "pyyaml",
  skimage: "scikit-image",
  hydra: "hydra-core",
  pytorch_lightning: "pytorch-lightning",
  dotenv: "python-dotenv",
  attr: "attrs",
  bs4: "beautifulsoup4",
  dateutil: "python-dateutil",
  tensorboardX: "tensorboardX",
  sentence_transformers: "sentence-transformers",
  Crypto: "pycryptodome",
  docx: "python-docx",
  faiss: "faiss-cpu",
  fitz: "PyMuPDF",
  git: "GitPython",
  ignite: "pytorch-ignite",
  jwt: "PyJWT",
  magic: "python-magic",
  mpl_toolkits: "matplotlib",
  // Newer setuptools are without it.
  pkg_resources: "setuptools<81",
  pptx: "python-pptx",
  ruamel: "ruamel.yaml",
  serial: "pyserial",
  skopt: "scikit-optimize",
  umap: "umap-learn",
  usb: "pyusb",
  zmq: "pyzmq",
};
