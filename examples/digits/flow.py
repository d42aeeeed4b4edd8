"""The training of train.py as a Metaflow flow: the same data, model and loop, with every result kept as an artifact.

    python flow.py run
    python flow.py run --epochs 3 --learning-rate 0.0005
    python flow.py resume train_model --origin-run-id RUN
"""

from __future__ import annotations

from metaflow import FlowSpec, Parameter, card, current, resources, step
from metaflow.cards import Markdown, Table


class DigitsFlow(FlowSpec):
    """Train the network of train.py on scikit-learn's digits and measure it on the test images."""

    epochs = Parameter("epochs", type=int, default=10, help="Passes over the training data")
    batch_size = Parameter("batch-size", type=int, default=32, help="Images per step")
    learning_rate = Parameter("learning-rate", type=float, default=1e-3, help="Learning rate of the first epoch")
    weight_decay = Parameter("weight-decay", type=float, default=1e-2, help="Decoupled weight decay of AdamW")
    seed = Parameter("seed", type=int, default=42, help="Seed of Python, NumPy and PyTorch")

    @step
    def start(self):
        """Refuse settings that cannot work before anything is computed."""
        from dataclasses import asdict

        from train import Config

        self.config = asdict(
            Config(
                epochs=self.epochs,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate,
                weight_decay=self.weight_decay,
                seed=self.seed,
            )
        )
        print(f"Run {current.run_id}: {self.config}")
        self.next(self.load_data)

    @step
    def load_data(self):
        """Load the digits, split as train.py splits them."""
        from train import load_splits

        splits = load_splits()
        self.splits = {name: split.tensors for name, split in splits._asdict().items()}
        print(", ".join(f"{len(split)} {name}" for name, split in splits._asdict().items()))
        self.next(self.train_model)

    @resources(cpu=2, memory=2000)
    @step
    def train_model(self):
        """Train on the training images and keep the weights of the best epoch, judged on the validation images."""
        import torch
        from torch.utils.data import TensorDataset

        from train import Config, Training, validate

        train_set = TensorDataset(*self.splits["train"])
        validation_set = TensorDataset(*self.splits["validation"])
        training = Training(Config(**self.config), torch.device("cuda" if torch.cuda.is_available() else "cpu"))
        self.history = []
        for epoch in range(1, self.epochs + 1):
            for _ in training.epoch_steps(train_set):
                pass
            val_loss, val_acc = validate(training.model, validation_set, training.device)
            self.history.append({"train_loss": training.train_loss, "val_loss": val_loss, "val_acc": val_acc})
            training.finish_epoch()
            print(f"Epoch {epoch}/{self.epochs}: " + " ".join(f"{k}={v:.4g}" for k, v in self.history[-1].items()))
            if val_acc > training.best_metric:
                training.best_metric = val_acc
                # On the CPU, so that the artifact can be read on a machine without a GPU.
                self.best_state = {name: value.cpu().clone() for name, value in training.model.state_dict().items()}
                self.best_epoch = epoch
        self.next(self.evaluate)

    @card(type="blank")
    @step
    def evaluate(self):
        """Measure the best weights once on the test images."""
        import torch
        from torch.utils.data import TensorDataset

        from train import DigitsNet, validate

        model = DigitsNet()
        model.load_state_dict(self.best_state)
        test_loss, test_acc = validate(model, TensorDataset(*self.splits["test"]), torch.device("cpu"))
        self.metrics = {"test_loss": test_loss, "test_acc": test_acc, **self.history[self.best_epoch - 1]}
        print(f"Best epoch {self.best_epoch}: " + " ".join(f"{k}={v:.4g}" for k, v in self.metrics.items()))
        current.card.append(Markdown(f"# Digits: {test_acc:.1%} of the test images, best epoch {self.best_epoch}"))
        rows = [[epoch, *(f"{value:.4f}" for value in row.values())] for epoch, row in enumerate(self.history, start=1)]
        current.card.append(Table(rows, headers=["epoch", *self.history[0]]))
        self.next(self.end)

    @step
    def end(self):
        """Say where the results are."""
        run = f"{current.flow_name}/{current.run_id}"
        print(f"Finished {run} with test_acc={self.metrics['test_acc']:.4f}.")
        print(f"In Python: from metaflow import Run; Run('{run}').data.metrics")


if __name__ == "__main__":
    DigitsFlow()
