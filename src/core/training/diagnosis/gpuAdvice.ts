/** A process besides the failed one that PyTorch names as the larger holder of a GPU. */
type GpuHolder = { pid: string; size: string };

const SIZE = String.raw`([\d.]+) ([KMG])iB memory in use`;

/**
 * Who else fills the GPU, in PyTorch's words: "Process 1234 has 70.11 GiB memory in use. Including non-PyTorch memory, this process
 * has 4.02 GiB memory in use". Undefined where the failed process itself holds most.
 */
export function holderOfGpu(text: string): GpuHolder | undefined {
  const own = bytesIn(new RegExp(`this process has ${SIZE}`).exec(text)?.slice(1));
  const others = [...text.matchAll(new RegExp(String.raw`\bProcess (\d+) has ${SIZE}`, "g"))].map(
    ([, pid = "", count = "", unit = ""]) => ({ pid, size: `${count} ${unit}iB`, bytes: bytesIn([count, unit]) }),
  );
  const [largest] = others.toSorted((a, b) => b.bytes - a.bytes);
  return largest !== undefined && largest.bytes > own ? largest : undefined;
}

function bytesIn([count = "0", unit = "G"]: readonly string[] = []): number {
  return Number(count) * 1024 ** ("KMG".indexOf(unit) + 1);
}

/** What to do where a smaller batch would not help, since the memory is another process's. */
export function adviseOnHolder({ pid, size }: GpuHolder): string {
  return (
    `Another process, ${pid}, holds ${size} of this GPU; ps -o user,etime,args -p ${pid} tells what it is. End it if it is a leftover, ` +
    "give each rank a GPU of its own if it is one of this run, or else take another GPU (trainyard gpus) or wait for one (trainyard run --when-gpu-free)."
  );
}

/** The first row that matches counts. */
const DRIVER_ADVICE: readonly { pattern: RegExp; advice: string }[] = [
  {
    pattern: /Torch not compiled with CUDA enabled/,
    advice:
      "This PyTorch was built without CUDA, so no driver would help. Where nvidia-smi shows a GPU, install the build for CUDA (https://pytorch.org/get-started/locally has the command); else train on the CPU.",
  },
  {
    pattern: /Found no NVIDIA driver|no CUDA-capable device is detected|libcuda\.so/,
    advice:
      "No NVIDIA driver was found, which PyTorch itself does not bring. If nvidia-smi fails too, install the driver; start a container with --gpus all, or ask the cluster for a GPU; else train on the CPU.",
  },
  {
    pattern: /driver version is insufficient|driver on your system is too old|forward compatibility/,
    advice:
      "The NVIDIA driver is older than this PyTorch needs. Update the driver, or install a PyTorch built for the CUDA version that nvidia-smi shows.",
  },
  {
    pattern:
      /no kernel image is available|not compatible with the current PyTorch installation|HIP error: invalid device/,
    advice:
      "This PyTorch holds no code for this GPU (torch.cuda.get_arch_list() shows for which it does). Install a build that supports it.",
  },
  {
    pattern: /Driver\/library version mismatch/,
    advice: "The NVIDIA driver was updated while the one before is still loaded. Restart the machine.",
  },
  {
    pattern: /No CUDA GPUs are available|invalid device ordinal/,
    advice:
      "The run sees no GPU of that number. Compare CUDA_VISIBLE_DEVICES and the device that the script asks for with trainyard gpus; the visible ones are counted from 0.",
  },
  {
    pattern: /Unknown backend: /,
    advice:
      'JAX was installed for the CPU alone, or finds no GPU. Where nvidia-smi shows one, install JAX for it (pip install -U "jax[cuda12]"); else train on the CPU.',
  },
  {
    pattern: /No supported gpu backend found/,
    advice:
      'Lightning was asked for a GPU and sees none. Compare devices= and CUDA_VISIBLE_DEVICES with trainyard gpus, or let it choose: accelerator="auto", devices="auto".',
  },
  {
    pattern: /deserialize object on a CUDA device/,
    advice: 'The file was saved on a GPU, and none can be used here. Pass map_location="cpu" to torch.load.',
  },
];

/** What to do where PyTorch cannot use a GPU at all: its build, the driver and what is visible are three different things. */
export function adviseOnDriver(text: string): string {
  return (
    DRIVER_ADVICE.find(({ pattern }) => pattern.test(text))?.advice ??
    "PyTorch and the driver of this machine do not fit, or no GPU is visible. Compare nvidia-smi with torch.version.cuda and CUDA_VISIBLE_DEVICES."
  );
}
