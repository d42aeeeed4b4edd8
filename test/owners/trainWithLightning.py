"""Two epochs of PyTorch Lightning on random numbers; leaves `model.ckpt` in the folder given."""

import sys
from pathlib import Path

import lightning
import torch
from torch.utils.data import DataLoader, TensorDataset


class LinearModel(lightning.LightningModule):
    def __init__(self, learning_rate: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(4, 3)

    def training_step(self, batch: list[torch.Tensor], _index: int) -> torch.Tensor:
        inputs, targets = batch
        loss = torch.nn.functional.cross_entropy(self.layer(inputs), targets)
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=self.hparams["learning_rate"])


folder = Path(sys.argv[1])
lightning.seed_everything(0)
samples = TensorDataset(torch.randn(32, 4), torch.randint(0, 3, (32,)))
trainer = lightning.Trainer(
    max_epochs=2, accelerator="cpu", logger=False, enable_progress_bar=False, default_root_dir=folder
)
trainer.fit(LinearModel(learning_rate=0.01), DataLoader(samples, batch_size=8))
trainer.save_checkpoint(folder / "model.ckpt")
