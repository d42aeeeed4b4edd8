"""A Metaflow flow that trains again when another flow has finished, and keeps the better of two models.

For your own data and model, replace `_load_dataset` and `_build_model`, and name the flow that brings new data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaflow import Flow, FlowSpec, Parameter, current, resources, step, trigger_on_finish
from metaflow.exception import MetaflowNotFound

if TYPE_CHECKING:
    import numpy as np
    from sklearn.linear_model import LogisticRegression


# Takes effect with `argo-workflows create`, once the named flow is deployed there; `run` starts at once.
@trigger_on_finish(flow="ScheduledFlow")
class RetrainingFlow(FlowSpec):
    """Train a challenger, compare it with the champion of the last successful run, and keep the better one.

    Usage:
        python retraining_flow.py run
        python retraining_flow.py run --min-gain 0.01
        python retraining_flow.py argo-workflows create
    """

    min_gain = Parameter(
        "min-gain", type=float, default=0.0, help="How much more accurate a challenger must be to replace the champion"
    )
    regularization = Parameter("regularization", type=float, default=1.0, help="Strength of the penalty on weights")
    seed = Parameter("seed", type=int, default=42, help="Seed of the order; the held-out data is the same in every run")

    @step
    def start(self):
        """Check the parameters, and note what this run was started by."""
        if not 0 <= self.min_gain < 1:
            raise ValueError(f"min-gain must be at least 0 and less than 1, not {self.min_gain}.")
        if not self.regularization > 0:
            raise ValueError(f"regularization must be greater than zero, not {self.regularization}.")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, not {self.seed}.")
        # Metaflow knows of a trigger only where an orchestrator, or `--trigger`, told it of one.
        trigger = getattr(current, "trigger", None)
        self.triggered_by = trigger.run.pathspec if trigger and trigger.run else None
        print(f"Started by {self.triggered_by or 'a person'}")
        self.next(self.load_data)

    @step
    def load_data(self):
        """Read the data and hold out what both models are judged on."""
        from sklearn.model_selection import train_test_split

        features, labels = self._load_dataset()
        # A champion must never have seen what it is judged on, so this split does not follow `seed`.
        self.X_train, self.X_val, self.y_train, self.y_val = train_test_split(
            features, labels, test_size=0.2, stratify=labels, random_state=0
        )
        print(f"{len(self.y_train)} samples for training, {len(self.y_val)} for validation")
        self.next(self.train_challenger)

    @resources(cpu=2, memory=4000)
    @step
    def train_challenger(self):
        """Train on everything that is known now."""
        self.challenger = self._build_model().fit(self.X_train, self.y_train)
        self.challenger_accuracy = float(self.challenger.score(self.X_val, self.y_val))
        print(f"challenger_accuracy={self.challenger_accuracy:.4f}")
        self.next(self.compare)

    @step
    def compare(self):
        """Judge champion and challenger on the same data, and keep the better one as `model`."""
        self.champion_run, champion = self._load_champion()
        self.champion_accuracy = None if champion is None else float(champion.score(self.X_val, self.y_val))
        self.is_promoted = (
            self.champion_accuracy is None or self.challenger_accuracy > self.champion_accuracy + self.min_gain
        )
        self.model = self.challenger if self.is_promoted else champion
        print(f"champion_accuracy={self.champion_accuracy} promoted={self.is_promoted}")
        self.next(self.end)

    @step
    def end(self):
        """Say which model serves from now on."""
        self.summary = {
            "triggered_by": self.triggered_by,
            "champion": self.champion_run,
            "champion_accuracy": self.champion_accuracy,
            "challenger_accuracy": self.challenger_accuracy,
            "is_promoted": self.is_promoted,
        }
        print(f"Finished {current.flow_name}/{current.run_id}: {self.summary}")

    def _load_champion(self) -> tuple[str | None, Any]:
        """Pathspec and model of the last successful run; twice None for the first run of all."""
        try:
            run = Flow(current.flow_name).latest_successful_run
        except MetaflowNotFound:
            return None, None
        return (None, None) if run is None else (run.pathspec, run.data.model)

    def _load_dataset(self) -> tuple[np.ndarray, np.ndarray]:
        """Features as numbers between 0 and 1, one row per sample, and labels."""
        from sklearn.datasets import load_digits

        digits = load_digits()
        return digits.data / 16.0, digits.target

    def _build_model(self) -> LogisticRegression:
        """A linear classifier with the penalty that was asked for."""
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(C=1 / self.regularization, max_iter=500, random_state=self.seed)


if __name__ == "__main__":
    RetrainingFlow()
