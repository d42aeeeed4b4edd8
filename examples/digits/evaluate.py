"""Measure a checkpoint of train.py on the test images, which training never sees.

    python evaluate.py checkpoints/best_epoch_9.pt
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from train import DigitsNet, load_checkpoint, load_splits, validate


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure a checkpoint on the held-out test images.")
    parser.add_argument("checkpoint", type=Path, help="a file written by train.py")
    arguments = parser.parse_args()
    try:
        checkpoint = load_checkpoint(arguments.checkpoint)
    except ValueError as error:
        parser.error(str(error))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = DigitsNet().to(device)
    model.load_state_dict(checkpoint["model_state_dict"])
    test_set = load_splits().test
    test_loss, test_acc = validate(model, test_set, device)
    print(f"{arguments.checkpoint}: epoch={checkpoint['epoch']} step={checkpoint['step']}")
    print(f"test_loss={test_loss:.4f} test_acc={test_acc:.4f} on {len(test_set)} images")


if __name__ == "__main__":
    main()
