"""Writes event files of every scalar style, and prints what TensorBoard's own reader sees in them, bit for bit."""

import json
import math
import sys
from pathlib import Path

import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.utils.tensorboard import SummaryWriter

root = Path(sys.argv[1])


def write(name: str, purge_step: int | None = None, steps: range = range(200), **style: bool) -> None:
    writer = SummaryWriter(str(root / name), purge_step=purge_step, filename_suffix=f".{purge_step or 0}")
    for step in steps:
        writer.add_scalar("train/loss", 1 / (step + 1), step, **style)
        writer.add_scalar("lernrate äöü", 1e-3 * step, step, **style)
        if step % 10 == 0:
            writer.add_scalar("odd", [math.nan, math.inf, -math.inf, -0.0, 1e-40][step // 10 % 5], step, **style)
            writer.add_text("note", "hello", step)
            writer.add_histogram("weights", torch.arange(10.0), step)
    writer.close()


write("simple")
write("tensor", new_style=True)
write("double", double_precision=True, new_style=True)
write("restarted", steps=range(0, 120))
write("restarted", purge_step=80, steps=range(80, 150))
write("large", steps=range(2**40, 2**40 + 3))


def scalars(folder: Path) -> dict[str, list[list[float | str]]]:
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0}).Reload()
    tags = events.Tags()
    found = {tag: [[e.step, e.wall_time.hex(), float(e.value).hex()] for e in events.Scalars(tag)] for tag in tags["scalars"]}
    for tag in tags["tensors"]:
        if events.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
            values = [(e.step, e.wall_time, e.tensor_proto) for e in events.Tensors(tag)]
            found[tag] = [[s, t.hex(), float((p.double_val or p.float_val)[0]).hex()] for s, t, p in values]
    return found


print(json.dumps({folder.name: scalars(folder) for folder in sorted(root.iterdir())}))
