"""A Metaflow flow that ends with a usable model also when its training fails.

For your own data and model, replace `_load_dataset` and `_build_model`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaflow import FlowSpec, Parameter, catch, current, resources, retry, step, timeout

if TYPE_CHECKING:
    import numpy as np
    from sklearn.neural_network import MLPClassifier


class RobustFlow(FlowSpec):
    """Retry what may work the second time, limit what may hang, and fall back where training fails.

    Usage:
        python robust_flow.py run
        python robust_flow.py run --learning-rate 1e300
        python robust_flow.py resume train_model --origin-run-id RUN
    """

    learning_rate = Parameter("learning-rate", type=float, default=0.001, help="Step size of the Adam optimizer")
    max_iterations = Parameter("max-iterations", type=int, default=30, help="Passes over the training data")
    min_accuracy = Parameter("min-accuracy", type=float, default=0.5, help="Accuracy below which a model is refused")
    seed = Parameter("seed", type=int, default=42, help="Seed of the split, the initial weights and the order")

    @step
    def start(self):
        """Check the parameters, and assume the worst until training says otherwise."""
        for name, value in (("learning-rate", self.learning_rate), ("max-iterations", self.max_iterations)):
            if not value > 0:
                raise ValueError(f"{name} must be greater than zero, not {value}.")
        if not 0 <= self.min_accuracy <= 1:
            raise ValueError(f"min-accuracy must lie between 0 and 1, not {self.min_accuracy}.")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, not {self.seed}.")
        # A step that @catch rescues keeps none of its artifacts, so what is read afterwards is set before it.
        self.success = False
        self.error_message = "The training process ended before it could say why."
        self.next(self.load_data)

    # A file share or a database may be away for a moment; reading twice does no harm.
    @retry(times=2, minutes_between_retries=0)
    @timeout(minutes=10)
    @step
    def load_data(self):
        """Read the data and hold a fifth of it out."""
        from sklearn.model_selection import train_test_split

        features, labels = self._load_dataset()
        self.X_train, self.X_val, self.y_train, self.y_val = train_test_split(
            features, labels, test_size=0.2, stratify=labels, random_state=self.seed
        )
        print(f"Attempt {current.retry_count + 1}: {len(features)} samples")
        self.next(self.train_model)

    # Training twice with the same numbers fails twice, so it is not retried. `failure` is None when all went well.
    @catch(var="failure")
    @timeout(hours=2)
    @resources(cpu=2, memory=4000)
    @step
    def train_model(self):
        """Train; an expected failure leaves a message, an unexpected end leaves `failure`."""
        try:
            model = self._build_model().fit(self.X_train, self.y_train)
            self.val_accuracy = float(model.score(self.X_val, self.y_val))
        except ValueError as error:
            self.error_message = f"{type(error).__name__}: {error}"
            print(f"Training failed: {self.error_message}")
        else:
            self.success = self.val_accuracy >= self.min_accuracy
            self.error_message = None if self.success else f"val_accuracy={self.val_accuracy:.4f} is too low"
            self.model = model
            print(f"val_accuracy={self.val_accuracy:.4f} after {model.n_iter_} passes")
        self.next(self.choose_model)

    @step
    def choose_model(self):
        """Keep the trained model, or one that always answers with the most frequent class."""
        from sklearn.dummy import DummyClassifier

        if self.failure:
            self.error_message = str(self.failure).strip().splitlines()[-1]
        if self.success:
            self.chosen_model = self.model
        else:
            self.chosen_model = DummyClassifier(strategy="most_frequent").fit(self.X_train, self.y_train)
            print(f"Falling back: {self.error_message}")
        self.chosen_accuracy = float(self.chosen_model.score(self.X_val, self.y_val))
        self.next(self.end)

    @step
    def end(self):
        """Say which model was kept, and why."""
        kind = type(self.chosen_model).__name__
        print(f"Finished {current.flow_name}/{current.run_id} with {kind}: accuracy={self.chosen_accuracy:.4f}")

    def _load_dataset(self) -> tuple[np.ndarray, np.ndarray]:
        """Features as numbers between 0 and 1, one row per sample, and labels."""
        from sklearn.datasets import load_digits

        digits = load_digits()
        return digits.data / 16.0, digits.target

    def _build_model(self) -> MLPClassifier:
        """A network with one hidden layer that stops when it improves no more."""
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier(
            hidden_layer_sizes=(64,),
            learning_rate_init=self.learning_rate,
            max_iter=self.max_iterations,
            random_state=self.seed,
        )


if __name__ == "__main__":
    RobustFlow()
