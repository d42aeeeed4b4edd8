"""The Python side of checkpoints.mjs: writes the files, and reads them as Python programs do. Prints one line of JSON."""

import json
import os
import resource
import sys
import time
from pathlib import Path

TENSORS = 601


def torch_file(path: str, size_bytes: int) -> None:
    """A checkpoint whose storages are holes, as large as it says and with nothing on the disk."""
    import torch

    numbers = size_bytes // 4 // TENSORS
    weights = {f"layers.{i}.weight": torch.empty(numbers) for i in range(TENSORS)}
    with torch.serialization.skip_data():
        torch.save({"epoch": 7, "step": 4200, "model_state_dict": weights}, path)


def make(folder: str, large: str, smaller: str, count: str, *folders: str) -> None:
    """The large files, and folders of many of which the five newest are torn, given as name=bytes of each file."""
    import gguf
    import h5py
    import numpy
    import torch

    torch_file(f"{folder}/large.pt", int(large))
    torch_file(f"{folder}/smaller.pt", int(smaller))
    for name, size_bytes in (each.split("=") for each in folders):
        folder_of(f"{folder}/{name}", int(count), int(size_bytes))
    writer = gguf.GGUFWriter(f"{folder}/model.gguf", "llama")
    writer.add_token_list([f"token {index}" for index in range(32_000)])
    for index in range(300):
        writer.add_tensor(f"blk.{index}.weight", numpy.zeros((64, 1024), dtype=numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with h5py.File(f"{folder}/model.h5", "w") as file:
        for index in range(300):
            file.create_dataset(f"layers/dense_{index}/kernel", data=numpy.zeros((64, 1024), dtype=numpy.float32))
    import torch.distributed.checkpoint as distributed

    weights = {f"layers.{i}.weight": torch.zeros(64, 256) for i in range(TENSORS)}
    distributed.save({"model": weights, "step": 4200}, checkpoint_id=f"{folder}/distributed", no_dist=True)
    print(json.dumps({}))


def folder_of(folder: str, count: int, size_bytes: int) -> None:
    """Checkpoints whose storages are holes, of which the five newest are torn."""
    import torch

    root = Path(folder)
    root.mkdir()
    for index in range(count):
        path = root / f"step_{index}.pt"
        weights = torch.empty(size_bytes // 4)
        with torch.serialization.skip_data():
            torch.save({"step": index, "model": {"w": weights}, "optimizer": {"state": {}}}, path)
        if index >= count - 5:
            os.truncate(path, size_bytes * 7 // 10)
        os.utime(path, (1_600_000_000 + index * 60,) * 2)


def read_torch(path: str, mmap: bool) -> object:
    import torch

    return torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)["epoch"]


def scan(path: str) -> object:
    from picklescan.scanner import scan_file_path

    return scan_file_path(path).issues_count


def newest_that_loads(folder: str) -> object:
    """What a script does that resumes: from the newest on, the first that loads."""
    import torch

    for path in sorted(Path(folder).iterdir(), key=lambda each: -each.stat().st_mtime):
        try:
            torch.load(path, map_location="cpu", weights_only=True)
            return path.name
        except Exception:
            continue
    return None


def all_that_load(folder: str) -> object:
    """What a script does that must know step and state of each: the newest by its step."""
    import torch

    best = (-1, None)
    for path in Path(folder).iterdir():
        try:
            step = torch.load(path, map_location="cpu", weights_only=True)["step"]
        except Exception:
            continue
        best = max(best, (step, path.name))
    return best[1]


def read_gguf(path: str) -> object:
    import gguf

    return len(gguf.GGUFReader(path).tensors)


def read_h5(path: str) -> object:
    import h5py

    names = []
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: names.append((name, getattr(item, "shape", None), getattr(item, "dtype", None))))
    return len(names)


def read_distributed(path: str) -> object:
    from torch.distributed.checkpoint import FileSystemReader
    from torch.distributed.checkpoint.metadata import TensorStorageMetadata

    entries = FileSystemReader(path).read_metadata().state_dict_metadata.values()
    return sum(isinstance(entry, TensorStorageMetadata) for entry in entries)


READERS = {
    "mmap": lambda path: read_torch(path, True),
    "load": lambda path: read_torch(path, False),
    "picklescan": scan,
    "newest": newest_that_loads,
    "all": all_that_load,
    "gguf": read_gguf,
    "h5": read_h5,
    "distributed": read_distributed,
}


def bytes_read() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


def measure(reader: str, path: str, rounds: str) -> None:
    import torch  # noqa: F401  what every such program has loaded anyway; not part of the time

    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    times, result, total = [], None, 0
    for _ in range(int(rounds)):
        before, started = bytes_read(), time.perf_counter()
        result = READERS[reader](path)
        times.append((time.perf_counter() - started) * 1000)
        total = bytes_read() - before
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000 - before_mb
    print(json.dumps({"times": times, "bytes": total, "megabytes": grown, "result": result}))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    make(*arguments) if command == "make" else measure(command, *arguments)
