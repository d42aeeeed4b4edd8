"""A Metaflow flow that trains a small network on scikit-learn's handwritten digits.

For your own data and model, replace `_load_dataset` and `_build_model`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaflow import FlowSpec, Parameter, card, current, resources, step
from metaflow.cards import Markdown, Table

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import Tensor, nn


class TrainingFlow(FlowSpec):
    """Load data, train a network on 80 % of it and report how it does on the rest.

    Usage:
        python training_flow.py run
        python training_flow.py run --learning-rate 0.001
        python training_flow.py resume --origin-run-id RUN
    """

    learning_rate = Parameter("learning-rate", type=float, default=0.0001, help="Step size of the Adam optimizer")
    batch_size = Parameter("batch-size", type=int, default=32, help="Samples per optimizer step")
    epochs = Parameter("epochs", type=int, default=10, help="Passes over the training data")
    seed = Parameter("seed", type=int, default=42, help="Seed of the split, the initial weights and the order")

    @step
    def start(self):
        """Check the parameters before anything is computed."""
        from datetime import datetime, timezone

        self.parameters = {
            "learning_rate": self.learning_rate,
            "batch_size": self.batch_size,
            "epochs": self.epochs,
            "seed": self.seed,
        }
        print(f"Started at {datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} UTC with {self.parameters}")
        for name in ("learning_rate", "batch_size", "epochs"):
            if not self.parameters[name] > 0:
                raise ValueError(f"{name} must be greater than zero, not {self.parameters[name]}.")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, not {self.seed}.")
        self.next(self.load_data)

    @step
    def load_data(self):
        """Read the data and hold a fifth of it out, before any other step can see it."""
        from sklearn.model_selection import train_test_split

        features, labels = self._load_dataset()
        self.X_train, self.X_val, self.y_train, self.y_val = train_test_split(
            features, labels, test_size=0.2, stratify=labels, random_state=self.seed
        )
        self.num_samples = len(labels)
        print(f"{self.num_samples} samples: {len(self.y_train)} for training, {len(self.y_val)} for validation")
        self.next(self.train_model)

    # A request to the cluster of `--with kubernetes` or `--with batch`; a local run takes what the machine has.
    @resources(cpu=4, memory=16000, gpu=1)
    @step
    def train_model(self):
        """Train, and keep the weights of the epoch with the best validation accuracy."""
        import torch
        from torch.utils.data import DataLoader, TensorDataset

        torch.manual_seed(self.seed)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        model = self._build_model().to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=self.learning_rate)
        criterion = torch.nn.CrossEntropyLoss()
        train_set = TensorDataset(torch.from_numpy(self.X_train), torch.from_numpy(self.y_train))
        loader = DataLoader(train_set, batch_size=self.batch_size, shuffle=True)
        print(f"Training on {device}: {sum(weight.numel() for weight in model.parameters())} weights")

        self.history = {"train_loss": [], "val_loss": [], "val_accuracy": []}
        self.best_val_accuracy = -1.0
        for epoch in range(1, self.epochs + 1):
            model.train()
            loss_sum = 0.0
            for features, labels in loader:
                optimizer.zero_grad()
                loss = criterion(model(features.to(device)), labels.to(device))
                loss.backward()
                optimizer.step()
                loss_sum += loss.item() * len(labels)
            train_loss = loss_sum / len(train_set)
            val_loss, val_accuracy = self._validate(model, device)
            self.history["train_loss"].append(train_loss)
            self.history["val_loss"].append(val_loss)
            self.history["val_accuracy"].append(val_accuracy)
            print(
                f"Epoch {epoch}/{self.epochs}: "
                f"train_loss={train_loss:.4f} val_loss={val_loss:.4f} val_accuracy={val_accuracy:.4f}"
            )
            if val_accuracy > self.best_val_accuracy:
                self.best_val_accuracy = val_accuracy
                self.best_epoch = epoch
                # Copies on the CPU: training goes on changing the originals, and the reader may have no GPU.
                self.best_model_state = self._copy_to_cpu(model.state_dict())
        self.final_val_accuracy = self.history["val_accuracy"][-1]
        self.next(self.evaluate)

    @card(type="blank")
    @step
    def evaluate(self):
        """Measure the best weights on the validation data."""
        import torch

        model = self._build_model()
        model.load_state_dict(self.best_model_state)
        val_loss, val_accuracy = self._validate(model, torch.device("cpu"))
        self.metrics = {"val_loss": val_loss, "val_accuracy": val_accuracy, "best_epoch": self.best_epoch}
        print(" ".join(f"{name}={value:.4g}" for name, value in self.metrics.items()))
        current.card.append(Markdown(f"# Validation accuracy {val_accuracy:.1%}, epoch {self.best_epoch}"))
        epochs = zip(*self.history.values())
        rows = [[epoch, *(f"{value:.4f}" for value in row)] for epoch, row in enumerate(epochs, start=1)]
        current.card.append(Table(rows, headers=["epoch", *self.history]))
        self.next(self.end)

    @step
    def end(self):
        """Collect what the run was asked for and what came out."""
        self.summary = {
            "run_id": current.run_id,
            "parameters": self.parameters,
            "results": self.metrics,
            "artifacts": ["best_model_state", "history", "metrics"],
        }
        run = f"{current.flow_name}/{current.run_id}"
        print(f"Finished {run}: val_accuracy={self.metrics['val_accuracy']:.4f}")
        print(f"In Python: from metaflow import Run; Run('{run}').data.summary")

    def _load_dataset(self) -> tuple[np.ndarray, np.ndarray]:
        """Features as float32 between 0 and 1, one row per sample, and labels as int64."""
        import numpy as np
        from sklearn.datasets import load_digits

        digits = load_digits()
        return digits.data.astype(np.float32) / 16.0, digits.target.astype(np.int64)

    def _build_model(self) -> nn.Module:
        """A network with one hidden layer, sized for the data."""
        from torch import nn

        features, classes = self.X_train.shape[1], int(self.y_train.max()) + 1
        return nn.Sequential(nn.Linear(features, 512), nn.ReLU(), nn.Linear(512, classes))

    def _validate(self, model: nn.Module, device: torch.device) -> tuple[float, float]:
        """Mean loss and accuracy on the validation data."""
        import torch

        model.eval()
        labels = torch.from_numpy(self.y_val).to(device)
        with torch.inference_mode():
            logits = model(torch.from_numpy(self.X_val).to(device))
            loss = torch.nn.functional.cross_entropy(logits, labels).item()
        return loss, (logits.argmax(dim=1) == labels).float().mean().item()

    def _copy_to_cpu(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """The weights as they are now, on the CPU."""
        return {name: weight.detach().cpu().clone() for name, weight in state.items()}


if __name__ == "__main__":
    TrainingFlow()
