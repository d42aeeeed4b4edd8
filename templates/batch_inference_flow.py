"""A Metaflow flow that applies a model to a large data set, in shards that run side by side.

For your own data and model, replace `_load_dataset` and pass the run that trained the model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaflow import FlowSpec, Parameter, Run, current, namespace, resources, retry, step

if TYPE_CHECKING:
    import numpy as np


class BatchInferenceFlow(FlowSpec):
    """Load a model, predict shard by shard, and put the predictions together in the order of the data.

    Usage:
        python batch_inference_flow.py run
        python batch_inference_flow.py run --model-run QualityGateFlow/1700000000000000 --shards 8
        python batch_inference_flow.py run --max-workers 2
    """

    model_run = Parameter(
        "model-run", type=str, default="", help="Run whose artifact to use, as Flow/id; empty trains a small model"
    )
    model_artifact = Parameter("model-artifact", type=str, default="model", help="Name of the artifact in that run")
    shards = Parameter("shards", type=int, default=4, help="Parts that are predicted side by side")
    seed = Parameter("seed", type=int, default=42, help="Seed of the small model")

    @step
    def start(self):
        """Check the parameters before a model is loaded."""
        if self.model_run and self.model_run.count("/") != 1:
            raise ValueError(f"model-run must look like Flow/id, not {self.model_run!r}.")
        if not self.model_artifact.isidentifier():
            raise ValueError(f"model-artifact must be the name of an artifact, not {self.model_artifact!r}.")
        if not 1 <= self.shards <= 100:
            raise ValueError(f"shards must lie between 1 and 100, not {self.shards}.")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, not {self.seed}.")
        self.next(self.load_model)

    @step
    def load_model(self):
        """Take the model over into this run, so that what predicted can be looked up later, and cut the shards."""
        self.model = self._load_model()
        count = len(self._load_dataset())
        bounds = [count * part // self.shards for part in range(self.shards + 1)]
        self.ranges = [pair for pair in zip(bounds, bounds[1:]) if pair[0] < pair[1]]
        print(f"{count} samples in {len(self.ranges)} shards for {type(self.model).__name__}")
        self.next(self.predict, foreach="ranges")

    @retry(times=2, minutes_between_retries=0)
    @resources(cpu=1, memory=2000)
    @step
    def predict(self):
        """Predict one shard. Only its bounds travel; the rows are read where they are needed."""
        self.first, last = self.input
        rows = self._load_dataset()[self.first : last]
        self.predictions = self.model.predict(rows)
        print(f"Samples {self.first} to {last - 1}: {len(self.predictions)} predictions")
        self.next(self.join)

    @step
    def join(self, inputs):
        """Put the predictions together in the order of the data."""
        import numpy as np

        ordered = sorted(inputs, key=lambda shard: shard.first)
        self.predictions = np.concatenate([shard.predictions for shard in ordered])
        self.merge_artifacts(inputs, include=["model"])
        values, counts = np.unique(self.predictions, return_counts=True)
        self.counts = {str(value): int(count) for value, count in zip(values, counts)}
        self.next(self.end)

    @step
    def end(self):
        """Say how often each class was predicted."""
        print(f"Finished {current.flow_name}/{current.run_id}: {len(self.predictions)} predictions, {self.counts}")

    def _load_model(self) -> Any:
        """What was trained by `model-run`; without one, a small model so that the flow can be tried."""
        if self.model_run:
            # Models are trained by others, too; what belongs to them lies in their namespaces.
            namespace(None)
            run = Run(self.model_run)
            if not run.successful:
                raise RuntimeError(f"{self.model_run} did not end well. Choose a run that did.")
            return run[run.end_task.parent.id].task[self.model_artifact].data
        from sklearn.datasets import load_digits
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import train_test_split

        digits = load_digits()
        X_train, X_val, y_train, y_val = train_test_split(
            digits.data / 16.0, digits.target, test_size=0.2, stratify=digits.target, random_state=self.seed
        )
        model = LogisticRegression(max_iter=500, random_state=self.seed).fit(X_train, y_train)
        print(f"Trained a small model: val_accuracy={model.score(X_val, y_val):.4f}")
        return model

    @staticmethod
    def _load_dataset() -> np.ndarray:
        """What to predict: numbers between 0 and 1, one row per sample."""
        from sklearn.datasets import load_digits

        return load_digits().data / 16.0


if __name__ == "__main__":
    BatchInferenceFlow()
