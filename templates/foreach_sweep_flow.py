"""A Metaflow flow that tries a grid of learning rates and batch sizes on scikit-learn's handwritten digits.

For your own data and model, replace `_load_dataset` and `_build_model`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaflow import FlowSpec, JSONType, Parameter, catch, current, resources, step

if TYPE_CHECKING:
    import numpy as np
    from sklearn.neural_network import MLPClassifier


class ForeachSweepFlow(FlowSpec):
    """Train one network per combination of learning rate and batch size, and keep the most accurate.

    Usage:
        python foreach_sweep_flow.py run
        python foreach_sweep_flow.py run --learning-rates '[0.001, 0.01]' --batch-sizes '[32]'
        python foreach_sweep_flow.py run --max-workers 2

    Metaflow starts up to 16 tasks at once; `--max-workers` keeps them to what the machine can carry.
    """

    learning_rates = Parameter(
        "learning-rates", type=JSONType, default="[1e-4, 1e-3, 1e-2]", help="Step sizes to try, as a JSON list"
    )
    batch_sizes = Parameter(
        "batch-sizes", type=JSONType, default="[16, 32, 64]", help="Samples per optimizer step to try, as a JSON list"
    )
    epochs = Parameter("epochs", type=int, default=10, help="Passes over the training data per combination")
    seed = Parameter("seed", type=int, default=42, help="Seed of the split, the initial weights and the order")

    @step
    def start(self):
        """Check the parameters and lay out the grid."""
        from itertools import product

        for name, values in (("learning-rates", self.learning_rates), ("batch-sizes", self.batch_sizes)):
            if not isinstance(values, list) or not values:
                raise ValueError(f"{name} must be a JSON list with at least one number, not {values!r}.")
            for value in values:
                if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
                    raise ValueError(f"{name} must hold numbers greater than zero, not {value!r}.")
        if not all(isinstance(size, int) for size in self.batch_sizes):
            raise ValueError(f"batch-sizes must hold whole numbers, not {self.batch_sizes}.")
        if self.epochs <= 0:
            raise ValueError(f"epochs must be greater than zero, not {self.epochs}.")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, not {self.seed}.")
        self.configs = [
            {"learning_rate": rate, "batch_size": size} for rate, size in product(self.learning_rates, self.batch_sizes)
        ]
        print(f"{len(self.configs)} combinations, {self.epochs} epochs each")
        self.next(self.load_data)

    @step
    def load_data(self):
        """Read the data and hold a fifth of it out; every combination is judged on the same samples."""
        from sklearn.model_selection import train_test_split

        features, labels = self._load_dataset()
        self.X_train, self.X_val, self.y_train, self.y_val = train_test_split(
            features, labels, test_size=0.2, stratify=labels, random_state=self.seed
        )
        print(f"{len(self.y_train)} samples for training, {len(self.y_val)} for validation")
        self.next(self.train_model, foreach="configs")

    # One combination that fails leaves its error behind and does not take the others with it.
    @catch(var="error")
    @resources(cpu=1, memory=2000)
    @step
    def train_model(self):
        """Train with one combination."""
        config = self.input
        model = self._build_model(config)
        for epoch in range(1, self.epochs + 1):
            model.partial_fit(self.X_train, self.y_train, classes=sorted(set(self.y_train.tolist())))
            accuracy = float(model.score(self.X_val, self.y_val))
            print(f"Epoch {epoch}/{self.epochs}: train_loss={model.loss_:.4f} val_accuracy={accuracy:.4f}")
        self.model = model
        self.result = {**config, "train_loss": float(model.loss_), "accuracy": accuracy}
        self.next(self.join)

    @step
    def join(self, inputs):
        """Keep the model of the combination with the best validation accuracy."""
        finished = [branch for branch in inputs if not branch.error]
        for branch in inputs:
            if branch.error:
                reason = str(branch.error).strip().splitlines()[-1]
                print(f"Failed with {branch.configs[branch.index]}: {reason}")
        if not finished:
            raise RuntimeError("Every combination failed; the log of each train_model task says why.")
        self.all_results = sorted((branch.result for branch in finished), key=lambda result: -result["accuracy"])
        for result in self.all_results:
            print(" ".join(f"{name}={value:.4g}" for name, value in result.items()))
        best = max(finished, key=lambda branch: branch.result["accuracy"])
        self.best_result = best.result
        self.best_model = best.model
        self.next(self.end)

    @step
    def end(self):
        """Say which combination won."""
        run = f"{current.flow_name}/{current.run_id}"
        print(f"Finished {run}. Best: {self.best_result}")
        print(f"In Python: from metaflow import Run; Run('{run}').data.all_results")

    def _load_dataset(self) -> tuple[np.ndarray, np.ndarray]:
        """Features as numbers between 0 and 1, one row per sample, and labels."""
        from sklearn.datasets import load_digits

        digits = load_digits()
        return digits.data / 16.0, digits.target

    def _build_model(self, config: dict[str, Any]) -> MLPClassifier:
        """A network with one hidden layer and the combination's settings."""
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier(
            hidden_layer_sizes=(64,),
            learning_rate_init=config["learning_rate"],
            batch_size=config["batch_size"],
            random_state=self.seed,
        )


if __name__ == "__main__":
    ForeachSweepFlow()
