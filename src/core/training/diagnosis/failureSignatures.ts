import type { FailureCause } from "./failureCause.ts";
import { causeInShellReport } from "./shellReport.ts";

/**
 * How a cause shows in one line of output. The texts are those that PyTorch, TensorFlow, JAX, NCCL, the CUDA runtime,
 * Python, Slurm and the C library print.
 */
type FailureSignature = { cause: FailureCause; pattern: RegExp };

/** The first row that matches names the cause, so what is said more exactly stands before what is said more generally. */
const SIGNATURES: readonly FailureSignature[] = [
  {
    cause: "shared-memory",
    pattern:
      /out of shared memory|killed by signal: Bus error|unable to (?:mmap|open|write|allocate|resize).*(?:shared memory|<\/torch_)|shm_open|\/dev\/shm.*No space left|No space left on device.*\/(?:dev\/shm|torch_\d)|Error while creating shared memory segment/,
  },
  {
    cause: "data-loader-worker",
    pattern:
      /DataLoader worker \(pid(?:\(s\))? [\d, ]+\) (?:is killed by signal|exited unexpectedly)|Pin memory thread exited unexpectedly/,
  },
  {
    // Of scikit-learn, XGBoost, pandas and SciPy: what was read is wrong, and no learning rate changes that.
    cause: "data-not-finite",
    pattern:
      /Error: (?!.*\by_(?:pred|score|prob)).*\b(?:Input|data|X|y|y_true|labels?|targets?|features?|columns?|array)\b.{0,40} contains? `?(?:NaN|inf|infinity|non-?finite)|array must not contain infs or NaNs|Cannot convert non-finite values \(NA or inf\)|cannot convert float NaN to integer/i,
  },
  {
    cause: "nan-loss",
    pattern:
      /returned nan values in its|Invalid loss, terminating training|[Ll]oss returned in .*is (?:nan|inf)|[Cc]urrent loss scale already at minimum|[Mm]inimum loss scale reached|(?:loss|grad|weight|parameter|logit|output|activation|prediction|y_pred|y_score|y_prob|tensor)\w*\b.{0,40} contains? (?:NaN|inf|infinity|non-?finite)|(?:loss|gradient|grad)\S* (?:is|are|was|became|has become) (?:nan|NaN|inf|infinite|not finite|non-finite)|Non-?finite (?:loss|gradient|norm)|total norm of order .*non-finite|FloatingPointError: (?:invalid value|overflow)|Loss is (?:nan|inf), stopping training|Monitored metric \S+ = (?:nan|inf)/i,
  },
  {
    cause: "gpu-memory",
    pattern:
      /(?:CUDA|HIP|XPU|MPS backend) out of memory|CUDA error: out of memory|hipErrorOutOfMemory|CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation|CU(?:BLAS|DNN|SOLVER)_STATUS_ALLOC_FAILED|OOM when allocating tensor|RESOURCE_EXHAUSTED: Out of memory|OutOfMemoryError: .*(?:GPU|CUDA)|NVRTC.*out of memory|Failed to allocate \S+ bytes .*on device|CUDA failed with error out of memory/,
  },
  {
    cause: "host-memory",
    pattern:
      /can't allocate memory|std::bad_alloc|^MemoryError|Unable to allocate .*(?:array|GiB|MiB)|ArrayMemoryError|\[Errno 12\]|Cannot allocate memory|oom[-_]kill event|Out of memory: Kill(?:ed)? process|OOM [Kk]illed|memory cgroup out of memory|exceeded memory limit|OutOfMemoryError: Task was killed due to the node running low on memory|Java heap space/i,
  },
  {
    cause: "disk-full",
    pattern:
      /No space left on device|Disk quota exceeded|PytorchStreamWriter failed writing file|unexpected pos \d+ vs \d+|database or disk is full|not enough space on the disk|\[Errno 28\]|\[Errno 122\]/,
  },
  { cause: "file-limit", pattern: /\[Errno 27\]|File size limit exceeded/ },
  { cause: "open-files", pattern: /Too many open files|received 0 items of ancdata|\[Errno 24\]/ },
  {
    cause: "port-in-use",
    pattern: /(?:EADDRINUSE|[Aa]ddress already in use|\[Errno 98\]|\[WinError 10048\])/,
  },
  {
    cause: "gpu-hardware",
    pattern:
      /uncorrectable ECC error|ECC error encountered|fallen off the bus|GPU is lost|NVRM: Xid|\bXid \(PCI|hardware error detected|nvlink error|Unable to determine the device handle/i,
  },
  {
    cause: "gpu-driver",
    pattern:
      /Found no NVIDIA driver|Torch not compiled with CUDA enabled|CUDA driver version is insufficient|driver on your system is too old|no kernel image is available|Driver\/library version mismatch|No CUDA GPUs are available|no CUDA-capable device is detected|invalid device ordinal|is not compatible with the current PyTorch installation|CUDA unknown error|Attempting to deserialize object on a CUDA device but torch\.cuda\.is_available\(\) is False|libcuda\.so\S* .*cannot open|forward compatibility was attempted on non supported HW|HIP error: invalid device function|Unknown backend: '?(?:gpu|cuda|rocm)|No supported gpu backend found/,
  },
  { cause: "device-assert", pattern: /device-side assert triggered|Assertion `.*(?:t >= 0|srcIndex|idx_dim|ind >= 0)/ },
  {
    cause: "gpu-fault",
    pattern:
      /illegal memory access|misaligned address|unspecified launch failure|an illegal instruction was encountered|CUDNN_STATUS_(?:EXECUTION_FAILED|INTERNAL_ERROR|NOT_INITIALIZED|MAPPING_ERROR)|CUBLAS_STATUS_(?:EXECUTION_FAILED|INTERNAL_ERROR|NOT_INITIALIZED)/,
  },
  {
    cause: "collective-timeout",
    pattern:
      /Watchdog caught collective operation timeout|Timed out waiting \d+ms for|collective operation.*timed? ?out|Timeout at NCCL work|wait timeout after \d+ms|Some NCCL operations have failed or timed out|Monitored barrier .*timeout|DistStoreError: Timed out|Rendezvous.*[Tt]imed? ?out|timed out .*(?:initializing process group|waiting for clients)/i,
  },
  {
    cause: "collective-error",
    pattern:
      /NCCL (?:error|WARN) |ncclInternalError|ncclSystemError|ncclUnhandledCudaError|ncclInvalidUsage|ncclRemoteError|Bootstrap : no socket interface|Duplicate GPU detected|Unable to find address for: |Gloo connectFullMesh failed|distributed collective mismatch/,
  },
  {
    cause: "time-limit",
    pattern: /DUE TO TIME LIMIT|Walltime .*exceeded|job killed: walltime|CPU time limit exceeded/i,
  },
  {
    cause: "preempted",
    pattern:
      /DUE TO PREEMPTION|preempt(?:ed|ion notice)|spot (?:instance )?(?:interruption|termination)|instance-action|DUE TO NODE FAILURE|SIGTERM received|[Rr]eceived SIGTERM|caught signal SIGTERM|Bypassing SIGTERM/i,
  },
  {
    cause: "package-environment",
    pattern:
      /@(?:pypi|conda) decorator requires --environment=|(?:Micromamba|Pip|Conda) ran into an error while setting up environment|Micromamba installation '.*' failed|Micromamba binary is not found/,
  },
  {
    cause: "missing-package",
    pattern:
      /No module named '?[\w.]+|requires? the following (?:missing )?packages|requires the \S+ library but it was not found|ImportError: .*(?:pip3? install|requires? the \S+ library|but it was not found)/,
  },
  {
    cause: "relative-import",
    pattern: /attempted relative import (?:with no known parent package|in non-package)/,
  },
  { cause: "circular-import", pattern: /partially initialized module .*circular import/ },
  { cause: "missing-name", pattern: /^ImportError: cannot import name '/ },
  {
    cause: "broken-import",
    pattern:
      /failed to import|cannot import name|undefined symbol|cannot open shared object file|DLL load failed|numpy\.dtype size changed|was removed in the NumPy|compiled using NumPy 1\.x|GLIBCX{0,2}_[\d.]+'? not found|Loaded runtime CuDNN library: \S+ but source was compiled|Descriptors cannot(?: not)? be created directly|has no attribute '(?:_?ARRAY_API|bool8?|float_?|int0?)'|operator torchvision::nms does not exist|is required for a normal functioning of this module/,
  },
  {
    cause: "weights-only",
    pattern: /Weights only load failed|WeightsUnpickler error|weights_only.*(?:True|default)/,
  },
  {
    cause: "damaged-checkpoint",
    pattern:
      /PytorchStreamReader failed|failed finding central directory|invalid header or archive is corrupted|SafetensorError|MetadataIncompleteBuffer|InvalidHeaderDeserialization|UnpicklingError|pickle data was truncated|unexpected EOF, expected|EOFError: Ran out of input|BadZipFile|file signature not found|Unable to (?:synchronously )?open file \(truncated/,
  },
  {
    cause: "damaged-file",
    pattern:
      /Parquet magic bytes not found|Parquet file size is 0 bytes|UnidentifiedImageError|image file is truncated|Compressed file ended before|CRC check failed|zlib\.error: Error -[35]|tarfile\.ReadError|lzma\.LZMAError/,
  },
  {
    cause: "foreign-checkpoint",
    pattern:
      /Error\(s\) in loading state_dict|Missing key\(s\) in state_dict|Unexpected key\(s\) in state_dict|size mismatch for |loaded state dict (?:has a different number of|contains a parameter group)|KeyError: '(?:model|optimizer|state_dict|model_state_dict|optimizer_state_dict)'/,
  },
  {
    cause: "main-guard",
    pattern: /current process has finished its\s*$|finished its bootstrapping phase|freeze_support\(\)/,
  },
  { cause: "cuda-fork", pattern: /Cannot re-initialize CUDA in forked subprocess/ },
  { cause: "pickling", pattern: /[Cc]an't pickle|[Cc]annot pickle|Can't get (?:local object|attribute)/ },
  {
    cause: "unused-parameters",
    pattern:
      /Expected to have finished reduction in the prior iteration|does not require grad and does not have a grad_fn|find_unused_parameters/,
  },
  {
    cause: "missing-operator",
    pattern:
      /not (?:currently )?implemented for the MPS device|not implemented for '(?:Half|BFloat16)'|Could not run '\S+' with arguments from the|doesn't support .* on (?:the )?MPS|MPS framework doesn't support/,
  },
  {
    cause: "device-mismatch",
    pattern:
      /Expected all tensors to be on the same device|should be the same(?: device)?.*(?:cuda|cpu)|Input type \(torch\.(?:cuda\.)?\w+\) and (?:weight|bias) type \(torch\.(?:cuda\.)?\w+\) should be the same/,
  },
  {
    cause: "dtype-mismatch",
    pattern:
      /expected (?:scalar type|dtype)|must have the same dtype|to have the same dtype|Found dtype \w+ but expected|result type \w+ can't be cast/i,
  },
  {
    cause: "shape-mismatch",
    pattern:
      /shapes cannot be multiplied|size of tensor a \(|must match the (?:size|existing size)|[Ss]izes of tensors must match|stack expects each tensor to be equal size|shape '.*' is invalid for input|could not be broadcast|[Ii]ncompatible shapes|Expected input batch_size \(\d+\) to match target|Target size .* must be the same as input size|expected input\S* to have \d+ channels|Given groups=|Shapes? .* (?:are|is) incompatible|Dimensions must be equal|not aligned: |inconsistent numbers of samples|same size as target|mismatch in its core dimension|Input \d+ of layer .* is incompatible/,
  },
  // What a proxy refuses is no lack of an account.
  { cause: "network", pattern: /ProxyError|Tunnel connection failed/ },
  {
    cause: "not-logged-in",
    pattern:
      /\b(?:401|403) (?:Client Error|Unauthorized|Forbidden)|GatedRepoError|[Aa]ccess to model .* is restricted|Invalid (?:username or password|credentials)|api_key not configured|not logged in|Invalid API key|HTTP Error 40[13]|Cannot access gated repo|NoCredentialsError|Unable to locate credentials|AccessDenied/,
  },
  {
    cause: "network",
    pattern:
      /ConnectionError|Max retries exceeded|Name or service not known|[Tt]emporary failure in name resolution|ReadTimeout|ConnectTimeout|LocalEntryNotFoundError|OfflineModeIsEnabled|urlopen error|Network is unreachable|ConnectionRefusedError|ConnectionResetError|couldn't connect to 'https?:|\b50[0234] (?:Server Error|Bad Gateway|Gateway)|RemoteDisconnected|SSLError/,
  },
  { cause: "permission", pattern: /PermissionError|Permission denied|Read-only file system|Operation not permitted/ },
  { cause: "missing-folder", pattern: /Parent directory \S.* does not exist/ },
  {
    cause: "missing-file",
    pattern:
      /FileNotFoundError|No such file or directory|NotADirectoryError|IsADirectoryError|can't open file '|Repository Not Found|is not a valid model identifier|does not appear to have a file named/,
  },
  {
    cause: "usage",
    pattern:
      /^(?!slurmstepd|srun)[\w.-]+(?: [^:]{1,60})?: error: |^Error: (?:No such (?:option|command)|Got unexpected|Missing (?:option|argument)|Invalid value)|^Error: .*(?:option|argument)|Could not override '|ConfigAttributeError|Error merging override|ConfigKeyError|Missing mandatory value|MissingMandatoryValue|(?:ValueError|HFArgumentParser).*not used by the HfArgumentParser|^hydra\.errors\.|mutually exclusive|error: .*Key ".*" is (?:not|unknown)/i,
  },
  { cause: "syntax", pattern: /^(?:SyntaxError|IndentationError|TabError): / },
  {
    cause: "native-crash",
    pattern:
      /^Fatal Python error: |Segmentation fault|^terminate called|Illegal instruction|double free or corruption|free\(\): invalid|malloc\(\): |stack smashing detected|^Aborted|^Bus error|\*\*\* SIGSEGV/,
  },
  { cause: "interrupted", pattern: /^KeyboardInterrupt\b|Keyboard ?[Ii]nterrupt|^click\.exceptions\.Abort|^Aborted!$/ },
  { cause: "terminated", pattern: /\bCANCELLED AT\b|^Terminated$/ },
  { cause: "killed", pattern: /^Killed\b/ },
];

/** A word of each signature; a line without any of them cannot match, which most lines of a log are spared by. */
const HINT =
  /err|fail|except|invalid|not |nan|inf|kill|memory|oom|space|quota|open file|ancdata|bus|loss scale|finite|address|timed? ?out|timeout|limit|preempt|signal|sigterm|sigsegv|module|import|shared|symbol|weights|state_dict|size|shape|key|pickle|bootstrapp|freeze_support|expected|assert|abort|fault|interrupt|denied|permit|cuda|nccl|gloo|xid|lost|socket|duplicate|terminate|free|malloc|spot|instance|fork|glibc|must|require|no such|mismatch|restricted|credential|read-only|compiled|unexpected|pos \d|worker|unreachable|disconnected|ran out|truncated|match|aligned|incompatible|syntax|usage|mutually|override|illegal|device|inconsistent|removed|magic|zlib|image|crc|logged|requires/i;

/** The cause that a line of output names; undefined when it names none. */
export function findCause(text: string): FailureCause | undefined {
  if (!HINT.test(text)) {
    return undefined;
  }
  return causeInShellReport(text) ?? SIGNATURES.find(({ pattern }) => pattern.test(text))?.cause;
}

/** What a process prints because another one failed first. */
const ECHO =
  /(?:^|\.)(?:ChildFailedError|ProcessRaisedException|ProcessExitedException|CalledProcessError|BrokenProcessPool)\b|Connection (?:closed|reset) by (?:remote )?peer|BrokenPipeError|closing signal SIG|Socket Timeout|socketPollConnect|remote process exited|failed \(exitcode: |Exception ignored |destroy_process_group\(\) was not called|resource_tracker: There appear|TCPStore|heartbeat|ncclRemoteError|NCCL communicator was aborted|Failed to check the "should dump" flag|SignalException: Process \d+ got signal/;

/** True for a line that follows from a failure elsewhere and says nothing about its cause. */
export function isEcho(text: string): boolean {
  return ECHO.test(text);
}

const WARNING =
  /\bwarn(?:ing)?\b|Warning:|^\[W\d|\bignored\b|\bre-?try(?:ing)?\b|\btrying (?:again|with)\b|\bskipp(?:ing|ed)\b|\bfalling back\b|\b(?:halv|reduc|lower|shrink|decreas)ing\b|\b(?:is|was|are|were|will be|gets?) (?:caught|handled)\b|\bgo(?:es|ing)? on\b|\bcontinuing\b|\brecover(?:ed|ing)\b/i;

/** True for what a program says as a warning and goes on. */
export function isWarning(text: string): boolean {
  return WARNING.test(text);
}
