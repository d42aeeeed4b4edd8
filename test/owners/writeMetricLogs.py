"""Logs the same curves with each tracking library into the current folder, and prints what the library itself reads back.

    python writeMetricLogs.py mlflow-files|mlflow-sqlite|trackio|wandb|tensorboardx

Prints {"runs": {name: {metric: [[step, value], ...]}}}, sorted by step; NaN is a text.
"""

import json
import math
import os
import pathlib
import sys

CURVES = {
    "train/loss": [(step, 1 / (step + 1)) for step in range(0, 60, 3)],
    "val_acc": [(step, 0.1 * step / 7) for step in range(0, 60, 20)],
    "broken": [(0, float("nan")), (1, 2.0)],
}
POINTS = sorted((step, tag, value) for tag, points in CURVES.items() for step, value in points)


def spell(curves):
    return {tag: [[step, spell_value(value)] for step, value in sorted(points)] for tag, points in curves.items()}


def spell_value(value):
    return float(value) if math.isfinite(value) else str(float(value))


def mlflow_store(uri):
    import mlflow
    from mlflow.tracking import MlflowClient

    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("digits")
    ids = {}
    for name in ("first", "second"):
        with mlflow.start_run(run_name=name) as run:
            ids[name] = run.info.run_id
            mlflow.log_param("lr", 0.1)
            for step, tag, value in POINTS:
                mlflow.log_metric(tag, value, step=step)
    client = MlflowClient(uri)
    return {
        name: spell({tag: [(m.step, m.value) for m in client.get_metric_history(run_id, tag)] for tag in CURVES})
        for name, run_id in ids.items()
    }


def mlflow_files():
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    return mlflow_store(pathlib.Path("mlruns").resolve().as_uri())


def mlflow_sqlite():
    return mlflow_store(f"sqlite:///{pathlib.Path('mlflow.db').resolve()}")


def trackio_store():
    os.environ["TRACKIO_DIR"] = str(pathlib.Path("trackio").resolve())
    import trackio
    from trackio.sqlite_storage import SQLiteStorage

    for name in ("first", "second"):
        trackio.init(project="digits", name=name, config={"lr": 0.1}, embed=False)
        for step, tag, value in POINTS:
            trackio.log({tag: value}, step=step)
        trackio.finish()
    runs = {}
    for name in ("first", "second"):
        curves = {}
        for row in SQLiteStorage.get_logs("digits", name):
            for tag in CURVES:
                if tag in row:
                    curves.setdefault(tag, []).append((row["step"], row[tag]))
        runs[name] = spell(curves)
    return runs


def wandb_offline():
    """The library has no reader for its own files any more, so what was logged is what must be found."""
    import wandb

    # A log says where and by whom it was written, which is nobody's business here.
    settings = wandb.Settings(console="off", host="host", disable_git=True, x_disable_meta=True, x_disable_stats=True)
    for name in ("first", "second"):
        with wandb.init(project="digits", name=name, mode="offline", settings=settings) as run:
            for step in sorted({step for step, _, _ in POINTS}):
                run.log({tag: value for at, tag, value in POINTS if at == step}, step=step)
    return {name: spell(CURVES) for name in ("first", "second")}


def tensorboardx():
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboardX import SummaryWriter

    runs = {}
    for name in ("first", "second"):
        with SummaryWriter(f"tensorboardx/{name}") as writer:
            for step, tag, value in POINTS:
                writer.add_scalar(tag, value, step)
                writer.add_histogram("weights", [value, 1.0, 2.0] if value == value else [1.0], step)
        events = EventAccumulator(f"tensorboardx/{name}", size_guidance={"scalars": 0}).Reload()
        runs[name] = spell({tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]})
    return runs


WRITERS = {
    "mlflow-files": mlflow_files,
    "mlflow-sqlite": mlflow_sqlite,
    "trackio": trackio_store,
    "wandb": wandb_offline,
    "tensorboardx": tensorboardx,
}

if __name__ == "__main__":
    assert math.isnan(CURVES["broken"][0][1])
    print(json.dumps({"runs": WRITERS[sys.argv[1]]()}))
