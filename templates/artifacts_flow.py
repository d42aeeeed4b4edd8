"""A Metaflow flow that shows where data belongs: parameters, an included file, artifacts, and objects in S3.

For your own data, replace `_load_dataset` and what `extract_features` computes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metaflow import S3, FlowSpec, IncludeFile, Parameter, current, step

if TYPE_CHECKING:
    import numpy as np

DEFAULT_SETTINGS = {"components": 16, "whiten": False}


class ArtifactsFlow(FlowSpec):
    """Read settings from a file, compute small and large artifacts, and read them back.

    Usage:
        python artifacts_flow.py run
        python artifacts_flow.py run --settings settings.json
        python artifacts_flow.py dump RUN/extract_features

    `settings.json` may look like {"components": 8, "whiten": true}. Its content becomes part of the run, so that
    a resumed run sees what the first one saw.
    """

    settings = IncludeFile("settings", required=False, help="JSON file with components and whiten; built-in without it")
    seed = Parameter("seed", type=int, default=42, help="Seed of the decomposition")

    @step
    def start(self):
        """Read and check the settings before anything is computed."""
        self.config = self._read_settings()
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, not {self.seed}.")
        print(f"Settings: {self.config}")
        self.next(self.extract_features)

    @step
    def extract_features(self):
        """Keep results as artifacts: each is stored once, by its content, and read only by who asks for it."""
        from sklearn.decomposition import PCA

        raw, self.labels = self._load_dataset()
        pca = PCA(n_components=self.config["components"], whiten=self.config["whiten"], random_state=self.seed)
        self.features = pca.fit_transform(raw)
        self.explained_variance = [float(share) for share in pca.explained_variance_ratio_]
        self.statistics = {
            "samples": len(raw),
            "explained": sum(self.explained_variance),
            "size_mb": self.features.nbytes / 1e6,
        }
        print(f"{self.features.shape} features explain {self.statistics['explained']:.1%} of the variance")
        self.next(self.publish)

    @step
    def publish(self):
        """Put the large array where programs without Metaflow find it, if the run has such a place."""
        self.published_url = self._publish("features.npy", self.features)
        print(f"Published as {self.published_url}" if self.published_url else "No S3 here: the artifact is the only copy")
        self.next(self.verify)

    @step
    def verify(self):
        """Read everything back the way a later reader would."""
        stored = self._fetch(self.published_url) if self.published_url else self.features
        if stored.shape != (self.statistics["samples"], self.config["components"]):
            raise RuntimeError(f"The stored features have the shape {stored.shape}; {self.statistics} were computed.")
        self.checksum = float(abs(stored).sum())
        self.next(self.end)

    @step
    def end(self):
        """Say how to read the artifacts later."""
        run = f"{current.flow_name}/{current.run_id}"
        print(f"In Python: from metaflow import Run; Run('{run}').data.features")

    def _read_settings(self) -> dict[str, Any]:
        """The included settings over the built-in ones. Raises ValueError for what the flow does not know."""
        import json

        given = json.loads(self.settings) if self.settings else {}
        if not isinstance(given, dict) or not set(given) <= set(DEFAULT_SETTINGS):
            raise ValueError(f"settings must be a JSON object with {sorted(DEFAULT_SETTINGS)}, not {given!r}.")
        config = {**DEFAULT_SETTINGS, **given}
        if type(config["components"]) is not int or not 1 <= config["components"] <= 64:
            raise ValueError(f"components must be a whole number from 1 to 64, not {config['components']!r}.")
        if not isinstance(config["whiten"], bool):
            raise ValueError(f"whiten must be true or false, not {config['whiten']!r}.")
        return config

    def _load_dataset(self) -> tuple[np.ndarray, np.ndarray]:
        """Features as numbers between 0 and 1, one row per sample, and labels."""
        from sklearn.datasets import load_digits

        digits = load_digits()
        return digits.data / 16.0, digits.target

    def _publish(self, key: str, array: np.ndarray) -> str | None:
        """The URL of the stored array; None where Metaflow is not configured for S3, as on a laptop."""
        from io import BytesIO

        import numpy as np
        from metaflow.metaflow_config import DATATOOLS_S3ROOT

        if not DATATOOLS_S3ROOT:
            return None
        buffer = BytesIO()
        np.save(buffer, array, allow_pickle=False)
        # Bound to the run: two runs never overwrite each other's objects.
        with S3(run=self) as s3:
            return s3.put(key, buffer.getvalue())

    @staticmethod
    def _fetch(url: str) -> np.ndarray:
        """The array behind a URL. A client that is bound to no run takes whole URLs."""
        from io import BytesIO

        import numpy as np

        with S3() as s3:
            return np.load(BytesIO(s3.get(url).blob), allow_pickle=False)


if __name__ == "__main__":
    ArtifactsFlow()
