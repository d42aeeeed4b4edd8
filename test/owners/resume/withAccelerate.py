"""Trains with accelerate on random numbers; dies without a word at the step that DIE_AT names."""

import argparse
import os
import signal

import torch
from accelerate import Accelerator
from torch.utils.data import DataLoader, TensorDataset


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--output_dir", default="out")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--resume_from_checkpoint")
    arguments = parser.parse_args()
    accelerator = Accelerator(cpu=True)
    model = torch.nn.Linear(4, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    loader = DataLoader(TensorDataset(torch.randn(80, 4), torch.randn(80, 1)), batch_size=8)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    done = 0
    if arguments.resume_from_checkpoint:
        accelerator.load_state(arguments.resume_from_checkpoint)
        done = int(arguments.resume_from_checkpoint.rpartition("_")[2])
    for epoch in range(done // len(loader), arguments.epochs):
        batches = accelerator.skip_first_batches(loader, done % len(loader)) if done % len(loader) else loader
        for inputs, targets in batches:
            loss = torch.nn.functional.mse_loss(model(inputs), targets)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
            done += 1
            print(f"step {done}", flush=True)
            if done == int(os.environ.get("DIE_AT", "0")):
                os.kill(os.getpid(), signal.SIGKILL)
            if done % 5 == 0:
                accelerator.save_state(os.path.join(arguments.output_dir, f"step_{done}"))


if __name__ == "__main__":
    main()
