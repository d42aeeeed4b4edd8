"""Write the weights of a checkpoint as safetensors, for programs that only need the model.

    python export.py checkpoints/best_epoch_9.pt digits.safetensors
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from safetensors.torch import save_file

from train import load_checkpoint


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the weights of a checkpoint as safetensors.")
    parser.add_argument("checkpoint", type=Path, help="a file written by train.py")
    parser.add_argument("output", type=Path, help="the new .safetensors file")
    arguments = parser.parse_args()
    if arguments.output.exists():
        parser.error(f"{arguments.output} exists already and is not overwritten. Choose another name.")
    try:
        checkpoint = load_checkpoint(arguments.checkpoint)
    except ValueError as error:
        parser.error(str(error))
    # safetensors metadata is text only.
    metadata = {name: json.dumps(checkpoint[name]) for name in ("epoch", "step", "metrics", "config")}
    save_file(checkpoint["model_state_dict"], arguments.output, metadata)
    print(f"Wrote {arguments.output} ({arguments.output.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
