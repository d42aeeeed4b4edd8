"""A Metaflow flow that looks at a day's data every night and says whether it has drifted.

For your own data, replace `_load_reference` and `_load_day`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaflow import FlowSpec, Parameter, card, current, retry, schedule, step
from metaflow.cards import Markdown, Table

if TYPE_CHECKING:
    from datetime import date

    import numpy as np


# The schedule takes effect with `argo-workflows create` or `step-functions create`; `run` starts at once.
@schedule(daily=True)
class ScheduledFlow(FlowSpec):
    """Compare one day's data with a reference, column by column.

    Usage:
        python scheduled_flow.py run
        python scheduled_flow.py run --day 2025-01-31
        python scheduled_flow.py argo-workflows create

    The same day always gives the same answer, so that a night that failed can be made up for.
    """

    day = Parameter("day", type=str, default="yesterday", help="The day to look at, as YYYY-MM-DD")
    max_drift = Parameter(
        "max-drift", type=float, default=0.5, help="Shift of a column's mean, in standard deviations, that is drift"
    )

    @step
    def start(self):
        """Check the parameters, and settle which day is meant for every later step."""
        if not self.max_drift > 0:
            raise ValueError(f"max-drift must be greater than zero, not {self.max_drift}.")
        self.date = self._parse_day(self.day).isoformat()
        print(f"Looking at {self.date}")
        self.next(self.load_day)

    @retry(times=3)
    @step
    def load_day(self):
        """Read the day's data."""
        from datetime import date

        self.batch = self._load_day(date.fromisoformat(self.date))
        print(f"{len(self.batch)} rows")
        self.next(self.measure_drift)

    @card(type="blank")
    @step
    def measure_drift(self):
        """Measure how far each column's mean has moved, and draw the largest shifts into a card."""
        import numpy as np

        reference = self._load_reference()
        deviation = reference.std(axis=0)
        shift = np.abs(self.batch.mean(axis=0) - reference.mean(axis=0))
        # A column that never varies has no scale to measure by.
        self.drift = np.divide(shift, deviation, out=np.zeros_like(shift), where=deviation > 0)
        self.drifted_columns = [int(column) for column in np.flatnonzero(self.drift > self.max_drift)]
        print(f"max_drift={self.drift.max():.4f} drifted={len(self.drifted_columns)}")
        largest = np.argsort(-self.drift)[:10]
        current.card.append(Markdown(f"# {self.date}: {len(self.drifted_columns)} of {len(self.drift)} columns drifted"))
        rows = [[int(column), f"{self.drift[column]:.3f}"] for column in largest]
        current.card.append(Table(rows, headers=["column", "shift in standard deviations"]))
        self.next(self.end)

    @step
    def end(self):
        """Leave a summary for whoever is triggered by this run."""
        self.summary = {
            "date": self.date,
            "rows": len(self.batch),
            "max_drift": float(self.drift.max()),
            "drifted_columns": self.drifted_columns,
        }
        print(f"Finished {current.flow_name}/{current.run_id}: {self.summary}")

    @staticmethod
    def _parse_day(text: str) -> date:
        """The day that a person or a schedule means, in UTC. Raises ValueError for a text that is none."""
        from datetime import date, datetime, timedelta, timezone

        if text == "yesterday":
            return datetime.now(timezone.utc).date() - timedelta(days=1)
        return date.fromisoformat(text)

    @staticmethod
    def _load_reference() -> np.ndarray:
        """The data that the model was built on: numbers between 0 and 1, one row per sample."""
        from sklearn.datasets import load_digits

        return load_digits().data / 16.0

    def _load_day(self, day: date) -> np.ndarray:
        """A sample of the reference that only depends on the day; same columns as the reference."""
        import numpy as np

        reference = self._load_reference()
        generator = np.random.default_rng(day.toordinal())
        return reference[generator.choice(len(reference), size=200, replace=False)]


if __name__ == "__main__":
    ScheduledFlow()
