"""A Metaflow flow that cross-validates a model, one fold per machine of AWS Batch or one after another on a laptop.

For your own data and model, replace `_load_dataset` and `_build_model`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaflow import Config, FlowSpec, Parameter, catch, config_expr, current, resources, step, timeout

if TYPE_CHECKING:
    import numpy as np
    from sklearn.linear_model import LogisticRegression


class BatchFlow(FlowSpec):
    """Train one model per fold and report the mean accuracy and its spread.

    Usage:
        python batch_flow.py run
        python batch_flow.py run --folds 10 --max-workers 2
        python batch_flow.py --datastore s3 run --with batch:queue=training,image=python:3.11
        python batch_flow.py --datastore s3 --config-value machine '{"cpu": 8, "memory": 32000}' run --with batch

    The config `machine` says what a fold needs. It is fixed when the flow is deployed; parameters change per run.
    """

    machine = Config("machine", default_value={"cpu": 2, "memory": 8000}, help="What one fold needs: cpu, and memory in MB")
    folds = Parameter("folds", type=int, default=3, help="Parts of the data, each of which is held out once")
    regularization = Parameter("regularization", type=float, default=1.0, help="Strength of the penalty on weights")
    seed = Parameter("seed", type=int, default=42, help="Seed of the folds and the order")

    @step
    def start(self):
        """Check the parameters here, before machines are asked for."""
        if not 2 <= self.folds <= 100:
            raise ValueError(f"folds must lie between 2 and 100, not {self.folds}.")
        if not self.regularization > 0:
            raise ValueError(f"regularization must be greater than zero, not {self.regularization}.")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, not {self.seed}.")
        self.next(self.cut_folds)

    @step
    def cut_folds(self):
        """Assign every sample to a fold; only the numbers of the samples travel."""
        from sklearn.model_selection import StratifiedKFold

        features, labels = self._load_dataset()
        splitter = StratifiedKFold(n_splits=self.folds, shuffle=True, random_state=self.seed)
        self.held_out = [validation for _, validation in splitter.split(features, labels)]
        print(f"{len(labels)} samples in {self.folds} folds")
        self.next(self.train_fold, foreach="held_out")

    # One machine that goes away costs one fold.
    @catch(var="error")
    @timeout(hours=2)
    @resources(cpu=config_expr("machine.cpu"), memory=config_expr("machine.memory"))
    @step
    def train_fold(self):
        """Train on everything but one fold, and judge on that."""
        import numpy as np

        features, labels = self._load_dataset()
        is_train = np.ones(len(labels), dtype=bool)
        is_train[self.input] = False
        model = self._build_model().fit(features[is_train], labels[is_train])
        self.accuracy = float(model.score(features[~is_train], labels[~is_train]))
        print(f"Fold {self.index + 1}/{self.folds}: val_accuracy={self.accuracy:.4f}")
        self.next(self.join)

    @step
    def join(self, inputs):
        """Summarize the folds that ended well."""
        from statistics import mean, pstdev

        self.accuracies = [fold.accuracy for fold in inputs if not fold.error]
        if not self.accuracies:
            raise RuntimeError("Every fold failed; the log of each train_fold task says why.")
        self.failed_folds = self.folds - len(self.accuracies)
        self.mean_accuracy, self.spread = mean(self.accuracies), pstdev(self.accuracies)
        self.next(self.end)

    @step
    def end(self):
        """Say how good the model is, and how sure that is."""
        print(
            f"Finished {current.flow_name}/{current.run_id}: "
            f"val_accuracy={self.mean_accuracy:.4f} ± {self.spread:.4f}, {self.failed_folds} folds failed"
        )

    @staticmethod
    def _load_dataset() -> tuple[np.ndarray, np.ndarray]:
        """Features as numbers between 0 and 1, one row per sample, and labels."""
        from sklearn.datasets import load_digits

        digits = load_digits()
        return digits.data / 16.0, digits.target

    def _build_model(self) -> LogisticRegression:
        """A linear classifier with the penalty that was asked for."""
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(C=1 / self.regularization, max_iter=500, random_state=self.seed)


if __name__ == "__main__":
    BatchFlow()
