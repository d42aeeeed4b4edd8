"""Train a small convolutional network on scikit-learn's handwritten digits.

    python train.py
    python train.py --epochs 20 --learning-rate 5e-4
    python train.py --resume checkpoints/checkpoint_epoch_3.pt

For your own data and model, replace `load_splits` and `DigitsNet`; everything below them stays as it is.

Each epoch leaves `checkpoint_epoch_{n}.pt`, each improvement of the validation accuracy also `best_epoch_{n}.pt`, and
Ctrl-C or SIGTERM leaves `checkpoint_epoch_{n}_interrupted_step_{s}.pt`. `--resume` continues any of them exactly where
it stopped, with its settings unless others are given beside it. No file is ever overwritten: a new run beside an old
one writes to `run-2`, `run-3` and so on. The logs are TensorBoard events, `steps.csv` and `epochs.csv`.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import math
import os
import pickle
import random
import re
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from itertools import chain, count
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.tensorboard import SummaryWriter

logger = logging.getLogger("train")

PRINT_EVERY_STEPS = 5
# Apart from --seed, so that runs with different seeds are compared on the same held-out images.
SPLIT_SEED = 42


class Splits(NamedTuple):
    """Training, validation and test images. Training never sees `test`; see evaluate.py."""

    train: TensorDataset
    validation: TensorDataset
    test: TensorDataset


def load_splits() -> Splits:
    """Read the 1,797 digits that scikit-learn brings along and split them 70/15/15, stratified by class."""
    digits = load_digits()
    images = digits.images.astype(np.float32) / 16.0
    labels = digits.target.astype(np.int64)
    if len(images) != len(labels) or not np.isfinite(images).all():
        raise ValueError(f"Damaged data: {len(images)} images, {len(labels)} labels; every pixel must be a number.")
    rest, test = train_test_split(np.arange(len(labels)), test_size=0.15, stratify=labels, random_state=SPLIT_SEED)
    train, validation = train_test_split(rest, test_size=len(test), stratify=labels[rest], random_state=SPLIT_SEED)

    def dataset_of(rows: np.ndarray) -> TensorDataset:
        return TensorDataset(torch.from_numpy(images[rows]).unsqueeze(1), torch.from_numpy(labels[rows]))

    return Splits(dataset_of(train), dataset_of(validation), dataset_of(test))


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions and a connection around them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, images: Tensor) -> Tensor:
        return torch.relu(images + self.layers(images))


class DigitsNet(nn.Module):
    """A residual network for 8×8 grey images; gives one logit per digit."""

    def __init__(self, channels: int = 64, blocks: int = 6, classes: int = 10) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            *(ResidualBlock(channels) for _ in range(blocks)),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(0.2),
            nn.Linear(channels, classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images)


@dataclass(frozen=True)
class Config:
    """The settings that decide the result; stored in every checkpoint."""

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    seed: int

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "learning_rate"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than zero, not {getattr(self, name)}.")
        for name in ("weight_decay", "seed"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, not {getattr(self, name)}.")


class Training:
    """A model in training and everything that is needed to continue it.

    `epoch` is the epoch in progress while `samples_done` is above zero, otherwise the last finished one.
    """

    def __init__(self, config: Config, device: torch.device) -> None:
        seed_everything(config.seed)
        self.config = config
        self.device = device
        self.model = DigitsNet().to(device)
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._cosine)
        self.epoch = 0
        self.step = 0
        self.samples_done = 0
        self.loss_sum = 0.0
        self.best_metric = -math.inf

    def _cosine(self, epochs_done: int) -> float:
        return 0.5 * (1.0 + math.cos(math.pi * min(epochs_done / self.config.epochs, 1.0)))

    def __str__(self) -> str:
        return f"Epoch {self.epoch}, step {self.step} on {self.device} with {self.config}."

    @property
    def train_loss(self) -> float:
        """The mean loss over the samples of this epoch so far."""
        return self.loss_sum / self.samples_done

    @property
    def is_finished(self) -> bool:
        return self.samples_done == 0 and self.epoch >= self.config.epochs

    @property
    def learning_rate(self) -> float:
        return self.optimizer.param_groups[0]["lr"]

    def epoch_steps(self, train_set: TensorDataset) -> Iterator[float]:
        """Train through what is left of the epoch, or through the next one; yields the loss of each step."""
        if self.samples_done == 0:
            self.epoch += 1
        # The order depends on seed and epoch alone: a resumed epoch goes on with the samples it has not seen yet.
        order = np.random.default_rng([self.config.seed, self.epoch]).permutation(len(train_set))
        left = order[self.samples_done :].tolist()
        size = self.config.batch_size
        batches = [left[start : start + size] for start in range(0, len(left), size)]
        # A generator of its own keeps the loader away from the global random state, which dropout draws from.
        loader = DataLoader(train_set, batch_sampler=batches, generator=torch.Generator())
        self.model.train()
        for images, labels in loader:
            images, labels = images.to(self.device), labels.to(self.device)
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.criterion(self.model(images), labels)
            loss.backward()
            self.optimizer.step()
            value = loss.item()
            if not math.isfinite(value):
                raise FloatingPointError(f"The loss is {value}. A lower --learning-rate usually helps.")
            self.step += 1
            self.samples_done += len(labels)
            self.loss_sum += value * len(labels)
            yield value

    def finish_epoch(self) -> None:
        """Move the learning rate on and make the epoch count as finished."""
        self.scheduler.step()
        self.samples_done = 0
        self.loss_sum = 0.0

    def state(self, metrics: dict[str, float]) -> dict[str, Any]:
        """The content of a checkpoint. Plain values and tensors only, so that `weights_only=True` can load it."""
        return {
            "epoch": self.epoch,
            "step": self.step,
            "model_state_dict": self.model.state_dict(),
            "optimizer_state_dict": self.optimizer.state_dict(),
            "scheduler_state_dict": self.scheduler.state_dict(),
            "best_metric": self.best_metric,
            "metrics": metrics,
            "config": asdict(self.config),
            "epoch_progress": {"samples_done": self.samples_done, "loss_sum": self.loss_sum},
            "rng_state": rng_state(),
        }

    def restore(self, checkpoint: dict[str, Any]) -> None:
        """Continue from a checkpoint. Settings that differ from the checkpoint's take effect from here on."""
        self.model.load_state_dict(checkpoint["model_state_dict"])
        self.optimizer.load_state_dict(checkpoint["optimizer_state_dict"])
        self.scheduler.load_state_dict(checkpoint["scheduler_state_dict"])
        self.scheduler.base_lrs = [self.config.learning_rate]
        for group in self.optimizer.param_groups:
            group["initial_lr"] = self.config.learning_rate
            group["lr"] = self.config.learning_rate * self._cosine(self.scheduler.last_epoch)
            group["weight_decay"] = self.config.weight_decay
        self.epoch = checkpoint["epoch"]
        self.step = checkpoint["step"]
        self.samples_done = checkpoint["epoch_progress"]["samples_done"]
        self.loss_sum = checkpoint["epoch_progress"]["loss_sum"]
        self.best_metric = checkpoint["best_metric"]
        restore_rng_state(checkpoint["rng_state"])


@torch.inference_mode()
def validate(model: nn.Module, dataset: TensorDataset, device: torch.device) -> tuple[float, float]:
    """Mean loss and accuracy on data that the model was not trained on."""
    model.eval()
    loss_sum, correct = 0.0, 0
    for images, labels in DataLoader(dataset, batch_size=256, generator=torch.Generator()):
        images, labels = images.to(device), labels.to(device)
        logits = model(images)
        loss_sum += nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        correct += int((logits.argmax(dim=1) == labels).sum())
    return loss_sum / len(dataset), correct / len(dataset)


def seed_everything(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


def rng_state() -> dict[str, Any]:
    numpy_state = np.random.get_state(legacy=False)
    # As a list, since `weights_only=True` refuses NumPy arrays.
    key = numpy_state["state"]["key"].tolist()
    return {
        "python": random.getstate(),
        "numpy": {**numpy_state, "state": {**numpy_state["state"], "key": key}},
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def restore_rng_state(state: dict[str, Any]) -> None:
    random.setstate(state["python"])
    key = np.array(state["numpy"]["state"]["key"], dtype=np.uint32)
    np.random.set_state({**state["numpy"], "state": {**state["numpy"]["state"], "key": key}})
    torch.set_rng_state(state["torch"])
    if state["cuda"] and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])


def save_checkpoint(path: Path, state: dict[str, Any]) -> Path:
    """Write a checkpoint under a name that is still free; a reader sees the whole file or none."""
    names = chain([path], (path.with_stem(f"{path.stem}_v{version}") for version in count(2)))
    path = next(name for name in names if not name.exists())
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint of this script; raises ValueError for a file that is none."""
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise ValueError(f"There is no checkpoint {path}.") from error
    except (OSError, EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise ValueError(f"{path} cannot be read as a checkpoint: {error}") from error
    expected = {"epoch", "step", "model_state_dict", "optimizer_state_dict", "config", "epoch_progress", "rng_state"}
    missing = expected - set(checkpoint) if isinstance(checkpoint, dict) else expected
    if missing:
        raise ValueError(f"{path} is no checkpoint of this script: it has no {', '.join(sorted(missing))}.")
    return checkpoint


class RunFolders(NamedTuple):
    checkpoints: Path
    logs: Path


def choose_run_folders(arguments: argparse.Namespace, epoch: int) -> RunFolders:
    """Where this run writes: beside the checkpoint it resumes if nothing newer is there, else in an unused folder."""
    root: Path = arguments.checkpoint_dir
    resumed_from: Path | None = arguments.resume
    if resumed_from is not None and resumed_from.resolve().is_relative_to(root.resolve()):
        stems = [re.fullmatch(r"checkpoint_epoch_(\d+)", path.stem) for path in resumed_from.parent.glob("*.pt")]
        if all(int(stem[1]) <= epoch for stem in stems if stem):
            name = resumed_from.resolve().parent.relative_to(root.resolve())
            return RunFolders(root / name, arguments.log_dir / name)
    names = chain(["."], (f"run-{number}" for number in count(2)))
    folders = (RunFolders(root / name, arguments.log_dir / name) for name in names)
    return next(run for run in folders if not any(run.checkpoints.glob("*.pt")) and not any(run.logs.glob("*.csv")))


class RunLogs:
    """TensorBoard events and two CSV files: one row per step, one row per epoch."""

    def __init__(self, folder: Path, first_step: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._steps = (folder / "steps.csv").open("a", newline="", encoding="utf-8")
        self._epochs = (folder / "epochs.csv").open("a", newline="", encoding="utf-8")
        # A resumed run repeats the steps after its checkpoint; TensorBoard then drops the first attempt.
        self._events = SummaryWriter(str(folder), purge_step=first_step)

    def __enter__(self) -> RunLogs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._events.close()
        self._epochs.close()
        self._steps.close()

    def add_step(self, epoch: int, step: int, loss: float) -> None:
        self._events.add_scalar("train/step_loss", loss, step)
        self._append(self._steps, {"epoch": epoch, "step": step, "train_loss": loss})

    def add_epoch(self, epoch: int, step: int, metrics: dict[str, float]) -> None:
        for name, value in metrics.items():
            self._events.add_scalar(f"epoch/{name}", value, step)
        self._events.flush()
        self._append(self._epochs, {"epoch": epoch, "step": step, **metrics})

    def _append(self, file: Any, row: dict[str, float]) -> None:
        writer = csv.DictWriter(file, fieldnames=list(row))
        if file.tell() == 0:
            writer.writeheader()
        writer.writerow(row)
        file.flush()


class StopRequest:
    """Remembers SIGINT or SIGTERM, so that the training can end with a checkpoint; a second signal ends it at once."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._previous = {number: signal.signal(number, self._receive) for number in (signal.SIGINT, signal.SIGTERM)}

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.signal = signal.Signals(number)
        for restored, handler in self._previous.items():
            signal.signal(restored, handler)


def run_epochs(training: Training, splits: Splits, folder: Path, logs: RunLogs, stop: StopRequest) -> None:
    """Train to the last epoch, or until a stop is requested; either way the last state is on disk."""
    epochs = training.config.epochs
    steps = math.ceil(len(splits.train) / training.config.batch_size)
    while not training.is_finished:
        for loss in training.epoch_steps(splits.train):
            logs.add_step(training.epoch, training.step, loss)
            step = math.ceil(training.samples_done / training.config.batch_size)
            if step % PRINT_EVERY_STEPS == 0 or step == steps:
                logger.info("Epoch %d/%d step %d/%d loss=%.4f", training.epoch, epochs, step, steps, loss)
            if stop.signal is not None:
                break
        if stop.signal is not None and training.samples_done < len(splits.train):
            name = f"checkpoint_epoch_{training.epoch}_interrupted_step_{training.step}.pt"
            path = save_checkpoint(folder / name, training.state({"train_loss": training.train_loss}))
            logger.info("Stopped by %s in epoch %d. Continue with --resume %s", stop.signal.name, training.epoch, path)
            return
        path = finish_epoch(training, splits.validation, folder, logs)
        if stop.signal is not None and not training.is_finished:
            logger.info(
                "Stopped by %s after epoch %d. Continue with --resume %s", stop.signal.name, training.epoch, path
            )
            return


def finish_epoch(training: Training, validation_set: TensorDataset, folder: Path, logs: RunLogs) -> Path:
    """Validate, log the epoch and save its checkpoint, and the best one apart; gives the path of the former."""
    val_loss, val_acc = validate(training.model, validation_set, training.device)
    metrics = {
        "train_loss": training.train_loss,
        "val_loss": val_loss,
        "val_acc": val_acc,
        "lr": training.learning_rate,
    }
    if training.device.type == "cuda":
        metrics["gpu_memory_mib"] = torch.cuda.max_memory_allocated(training.device) / 2**20
        torch.cuda.reset_peak_memory_stats(training.device)
    summary = " ".join(f"{name}={value:.4g}" for name, value in metrics.items())
    logger.info("Epoch %d/%d: %s", training.epoch, training.config.epochs, summary)
    logs.add_epoch(training.epoch, training.step, metrics)
    is_best = val_acc > training.best_metric
    training.best_metric = max(val_acc, training.best_metric)
    training.finish_epoch()
    state = training.state(metrics)
    path = save_checkpoint(folder / f"checkpoint_epoch_{training.epoch}.pt", state)
    logger.info("Saved %s", path)
    if is_best:
        logger.info("Saved %s", save_checkpoint(folder / f"best_epoch_{training.epoch}.pt", state))
    return path


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Train a small convolutional network on scikit-learn's digits.")
    parser.add_argument("--epochs", type=int, default=10, help="passes over the training data")
    parser.add_argument("--batch-size", type=int, default=32, help="images per step")
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="of the first epoch; falls along a cosine")
    parser.add_argument("--weight-decay", type=float, default=1e-2, help="decoupled weight decay of AdamW")
    parser.add_argument("--seed", type=int, default=42, help="of Python, NumPy and PyTorch")
    parser.add_argument("--checkpoint-dir", type=Path, default="checkpoints", help="where checkpoints are written")
    parser.add_argument("--log-dir", type=Path, default="logs", help="where TensorBoard and CSV logs are written")
    parser.add_argument("--resume", type=Path, metavar="PATH", help="continue from this checkpoint")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto", help="auto: a GPU if there is one")
    return parser


def config_of(parser: argparse.ArgumentParser, arguments: argparse.Namespace, stored: dict[str, Any]) -> Config:
    """The stored settings of a resumed run, replaced by those on the command line; without any, the defaults."""
    # Parsed again into a namespace full of None: what is not None afterwards was really given.
    given = vars(parser.parse_args(namespace=argparse.Namespace(**dict.fromkeys(vars(arguments)))))
    values = {}
    for name in (field.name for field in fields(Config)):
        values[name] = stored.get(name, getattr(arguments, name)) if given[name] is None else given[name]
        if name in stored and values[name] != stored[name]:
            logger.info("%s changes from %s to %s.", name, stored[name], values[name])
    return Config(**values)


def prepare(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> Training:
    """Build the training, fresh or resumed; raises ValueError for settings that cannot work."""
    if arguments.device == "cuda" and not torch.cuda.is_available():
        raise ValueError("--device cuda needs a CUDA device, and PyTorch finds none. Use --device cpu or auto.")
    device = torch.device("cuda" if arguments.device != "cpu" and torch.cuda.is_available() else "cpu")
    if arguments.resume is None:
        return Training(config_of(parser, arguments, {}), device)
    checkpoint = load_checkpoint(arguments.resume)
    training = Training(config_of(parser, arguments, checkpoint["config"]), device)
    training.restore(checkpoint)
    if training.is_finished:
        raise ValueError(f"{arguments.resume} has finished its {training.epoch} epochs; give more with --epochs.")
    return training


def fit(training: Training, arguments: argparse.Namespace, stop: StopRequest) -> None:
    """Load the data, say what is going to happen, and train."""
    splits = load_splits()
    folders = choose_run_folders(arguments, training.epoch)
    folders.checkpoints.mkdir(parents=True, exist_ok=True)
    logger.info("Configuration: %s", json.dumps(asdict(training.config)))
    logger.info("Device: %s; PyTorch %s", describe_device(training.device), torch.__version__)
    logger.info("Data: %s", ", ".join(f"{len(split)} {name}" for name, split in splits._asdict().items()))
    if arguments.resume:
        logger.info("Resuming %s: epoch %d, step %d", arguments.resume, training.epoch, training.step)
    if folders.checkpoints != arguments.checkpoint_dir:
        logger.info("%s holds an earlier run, which stays as it is.", arguments.checkpoint_dir)
    logger.info("Checkpoints go to %s, logs to %s", folders.checkpoints, folders.logs)
    with RunLogs(folders.logs, first_step=training.step + 1) as logs:
        run_epochs(training, splits, folders.checkpoints, logs, stop)


def describe_device(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"CPU with {threads} thread{'' if threads == 1 else 's'}"


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    stop = StopRequest()
    parser = build_parser()
    arguments = parser.parse_args()
    try:
        training = prepare(parser, arguments)
    except ValueError as error:
        parser.error(str(error))
    try:
        fit(training, arguments, stop)
    except (torch.OutOfMemoryError, MemoryError):
        size = training.config.batch_size
        logger.error("Out of memory with batch size %d; a smaller --batch-size needs less. %s", size, training)
        raise
    except (OSError, RuntimeError, ValueError, FloatingPointError) as error:
        logger.error("%s: %s. %s", type(error).__name__, error, training)
        raise
    if stop.signal is not None and not training.is_finished:
        return 128 + stop.signal
    logger.info("Finished: best val_acc=%.4f", training.best_metric)
    return 0


if __name__ == "__main__":
    sys.exit(main())
