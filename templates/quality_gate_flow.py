"""A Metaflow flow that trains at once on good data and repairs it first where it is not.

For your own data and model, replace `_load_dataset` and `_build_model`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaflow import FlowSpec, Parameter, current, resources, step

if TYPE_CHECKING:
    import numpy as np
    from sklearn.linear_model import LogisticRegression


class QualityGateFlow(FlowSpec):
    """Measure the quality of the data, clean it where that is needed, and train.

    Usage:
        python quality_gate_flow.py run
        python quality_gate_flow.py run --damaged-share 0.1
        python quality_gate_flow.py run --min-quality 0.95
    """

    min_quality = Parameter(
        "min-quality", type=float, default=0.8, help="Share of complete samples from which no cleaning is needed"
    )
    damaged_share = Parameter(
        "damaged-share", type=float, default=0.3, help="Share of the sample data that loses a tenth of its pixels"
    )
    seed = Parameter("seed", type=int, default=42, help="Seed of the damage, the split and the order")

    @step
    def start(self):
        """Check the parameters before anything is read."""
        for name, value in (("min-quality", self.min_quality), ("damaged-share", self.damaged_share)):
            if not 0 <= value <= 1:
                raise ValueError(f"{name} must lie between 0 and 1, not {value}.")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, not {self.seed}.")
        self.next(self.load_data)

    @step
    def load_data(self):
        """Read the data and hold a fifth of it out; missing values are NaN."""
        from sklearn.model_selection import train_test_split

        features, labels = self._load_dataset()
        self.X_train, self.X_val, self.y_train, self.y_val = train_test_split(
            features, labels, test_size=0.2, stratify=labels, random_state=self.seed
        )
        print(f"{len(self.y_train)} samples for training, {len(self.y_val)} for validation")
        self.next(self.assess_quality)

    @step
    def assess_quality(self):
        """Measure which share of the training data is complete, and decide by it."""
        self.quality = float(self._complete_rows(self.X_train).mean())
        self.route = "train" if self.quality >= self.min_quality else "clean"
        print(f"Quality {self.quality:.3f}, required {self.min_quality}: {self.route}")
        # The keys are every value that `route` can have; Metaflow ends the run at any other.
        self.next({"train": self.train_model, "clean": self.clean_data}, condition="route")

    @step
    def clean_data(self):
        """Replace missing values by the median of their column, learned from the training data alone."""
        import numpy as np

        medians = np.nanmedian(self.X_train, axis=0)
        self.num_filled = int(np.isnan(self.X_train).sum())
        self.X_train = np.where(np.isnan(self.X_train), medians, self.X_train)
        print(f"Filled {self.num_filled} missing values")
        self.next(self.train_model)

    @resources(cpu=1, memory=2000)
    @step
    def train_model(self):
        """Train on the complete samples, which are all of them after a cleaning."""
        complete = self._complete_rows(self.X_train)
        self.num_train_samples = int(complete.sum())
        self.model = self._build_model().fit(self.X_train[complete], self.y_train[complete])
        # What is judged must not depend on the route, so both are judged on the same complete samples.
        judged = self._complete_rows(self.X_val)
        self.val_accuracy = float(self.model.score(self.X_val[judged], self.y_val[judged]))
        print(f"{self.num_train_samples} training samples: val_accuracy={self.val_accuracy:.4f}")
        self.next(self.end)

    @step
    def end(self):
        """Say how good the data was and what came out."""
        self.summary = {"quality": self.quality, "route": self.route, "val_accuracy": self.val_accuracy}
        print(f"Finished {current.flow_name}/{current.run_id}: {self.summary}")

    def _load_dataset(self) -> tuple[np.ndarray, np.ndarray]:
        """Features as numbers between 0 and 1 with NaN where a value is missing, and labels."""
        import numpy as np
        from sklearn.datasets import load_digits

        digits = load_digits()
        features = digits.data / 16.0
        generator = np.random.default_rng(self.seed)
        damaged = generator.random(len(features)) < self.damaged_share
        features[damaged[:, None] & (generator.random(features.shape) < 0.1)] = np.nan
        return features, digits.target

    def _build_model(self) -> LogisticRegression:
        """A linear classifier that learns a second or less."""
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(max_iter=500, random_state=self.seed)

    @staticmethod
    def _complete_rows(features: np.ndarray) -> np.ndarray:
        """Which samples miss nothing, as one boolean per row."""
        import numpy as np

        return ~np.isnan(features).any(axis=1)


if __name__ == "__main__":
    QualityGateFlow()
