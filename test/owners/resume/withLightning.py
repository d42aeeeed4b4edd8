"""Trains with PyTorch Lightning on random numbers; dies without a word at the step that DIE_AT names."""

import argparse
import os
import signal

import lightning
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from torch.utils.data import DataLoader, TensorDataset


class LinearModel(lightning.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def training_step(self, batch: list[torch.Tensor], _index: int) -> torch.Tensor:
        print(f"step {self.global_step + 1}", flush=True)
        if self.global_step + 1 == int(os.environ.get("DIE_AT", "0")):
            os.kill(os.getpid(), signal.SIGKILL)
        return torch.nn.functional.mse_loss(self.layer(batch[0]), batch[1])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=0.01)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--ckpt-path")
    arguments = parser.parse_args()
    saves = ModelCheckpoint(dirpath="saved", save_top_k=-1)
    trainer = lightning.Trainer(
        max_epochs=arguments.epochs, accelerator="cpu", logger=False, enable_progress_bar=False, callbacks=[saves]
    )
    loader = DataLoader(TensorDataset(torch.randn(80, 4), torch.randn(80, 1)), batch_size=8)
    trainer.fit(LinearModel(), loader, ckpt_path=arguments.ckpt_path)


if __name__ == "__main__":
    main()
