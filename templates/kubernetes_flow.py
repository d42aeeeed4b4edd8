"""A Metaflow flow whose training moves to a Kubernetes cluster when its configuration says so.

For your own data and model, replace `_load_dataset` and `_build_model`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaflow import Config, FlowMutator, FlowSpec, Parameter, current, kubernetes, resources, retry, step

if TYPE_CHECKING:
    import numpy as np
    from sklearn.neural_network import MLPClassifier


class on_cluster(FlowMutator):
    """Sends every step that asks for resources to the cluster that the config `cluster` describes."""

    def pre_mutate(self, mutable_flow):
        """Add `@kubernetes`; Metaflow lets `@resources` decide how large the pod is."""
        settings = dict(dict(mutable_flow.configs)["cluster"])
        if not settings.pop("enabled", False):
            return
        for _, task in mutable_flow.steps:
            if any(name == "resources" for name, *_ in task.decorator_specs):
                task.add_decorator(kubernetes, deco_kwargs=settings)


@on_cluster()
class KubernetesFlow(FlowSpec):
    """Train a network here, or in a pod with the same code.

    Usage:
        python kubernetes_flow.py run
        python kubernetes_flow.py --datastore s3 --config cluster cluster.json run
        python kubernetes_flow.py --datastore s3 run --with kubernetes:image=python:3.11

    `cluster.json` may look like {"enabled": true, "image": "registry/train:1", "namespace": "ml"}; every other
    argument of `@kubernetes` can stand beside them. The first line runs everything on this machine.
    """

    cluster = Config("cluster", default_value={"enabled": False}, help="Arguments of @kubernetes, and enabled")
    learning_rate = Parameter("learning-rate", type=float, default=0.001, help="Step size of the Adam optimizer")
    batch_size = Parameter("batch-size", type=int, default=32, help="Samples per optimizer step")
    epochs = Parameter("epochs", type=int, default=10, help="Passes over the training data")
    seed = Parameter("seed", type=int, default=42, help="Seed of the split, the initial weights and the order")

    @step
    def start(self):
        """Check the parameters here, before a pod is waited for."""
        for name in ("learning_rate", "batch_size", "epochs"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than zero, not {getattr(self, name)}.")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, not {self.seed}.")
        self.next(self.load_data)

    @step
    def load_data(self):
        """Read the data and hold a fifth of it out; the pod gets it as artifacts."""
        from sklearn.model_selection import train_test_split

        features, labels = self._load_dataset()
        self.X_train, self.X_val, self.y_train, self.y_val = train_test_split(
            features, labels, test_size=0.2, stratify=labels, random_state=self.seed
        )
        print(f"{len(self.y_train)} samples for training, {len(self.y_val)} for validation")
        self.next(self.train_model)

    # A pod may be evicted. On a laptop the request for resources has no effect.
    @retry(times=2, minutes_between_retries=1)
    @resources(cpu=4, memory=16000)
    @step
    def train_model(self):
        """Train and judge on the held-out data."""
        from socket import gethostname

        model = self._build_model()
        classes = sorted(set(self.y_train.tolist()))
        for epoch in range(1, self.epochs + 1):
            model.partial_fit(self.X_train, self.y_train, classes=classes)
            self.val_accuracy = float(model.score(self.X_val, self.y_val))
            print(f"Epoch {epoch}/{self.epochs}: train_loss={model.loss_:.4f} val_accuracy={self.val_accuracy:.4f}")
        self.model = model
        self.host = gethostname()
        self.next(self.end)

    @step
    def end(self):
        """Say how good the model is and where it was trained."""
        run = f"{current.flow_name}/{current.run_id}"
        print(f"Finished {run} on {self.host}: val_accuracy={self.val_accuracy:.4f}")

    def _load_dataset(self) -> tuple[np.ndarray, np.ndarray]:
        """Features as numbers between 0 and 1, one row per sample, and labels."""
        from sklearn.datasets import load_digits

        digits = load_digits()
        return digits.data / 16.0, digits.target

    def _build_model(self) -> MLPClassifier:
        """A network with one hidden layer."""
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier(
            hidden_layer_sizes=(64,),
            learning_rate_init=self.learning_rate,
            batch_size=self.batch_size,
            random_state=self.seed,
        )


if __name__ == "__main__":
    KubernetesFlow()
