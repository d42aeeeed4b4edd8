"""Trains a tiny model with a library, which logs the training by itself, and prints what the owners of the formats read back.

    python trainAndLog.py lightning|keras|keras-tensorboard|transformers

Logs into a folder with that name, and prints {"runs": {name: {metric: [[step, value], ...]}}} in the order in which they were logged;
NaN is a text. `keras-tensorboard` needs TensorFlow, whose writer Keras' callback uses.
"""

import json
import os
import pathlib
import sys

import numpy

SAMPLES, FEATURES, CLASSES, BATCH, EPOCHS = 48, 8, 3, 8, 3


def spell(value):
    return float(value) if numpy.isfinite(value) else str(float(value))


def of_table(path, axis):
    import pandas

    table = pandas.read_csv(path)
    return {
        name: [[int(row[axis]), spell(row[name])] for _, row in table[[axis, name]].dropna().iterrows()]
        for name in table.columns
        if name not in ("epoch", "step")
    }


def of_events(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0}).Reload()
    tags = events.Tags()
    curves = {tag: [[event.step, spell(event.value)] for event in events.Scalars(tag)] for tag in tags["scalars"]}
    for tag in tags["tensors"]:
        if events.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
            curves[tag] = [[event.step, spell(make_ndarray(event.tensor_proto))] for event in events.Tensors(tag)]
    return curves


def samples():
    random = numpy.random.default_rng(0)
    return random.normal(size=(SAMPLES, FEATURES)).astype("float32"), random.integers(0, CLASSES, SAMPLES)


def with_lightning():
    import lightning
    import torch
    from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
    from torch.utils.data import DataLoader, TensorDataset

    class Model(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(FEATURES, CLASSES)

        def loss(self, batch):
            return torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1])

        def training_step(self, batch, _index):
            loss = self.loss(batch)
            self.log("train_loss", loss)
            return loss

        def validation_step(self, batch, _index):
            self.log("val_loss", self.loss(batch))

        def configure_optimizers(self):
            optimizer = torch.optim.SGD(self.parameters(), lr=0.3)
            return [optimizer], [torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.05)]

    lightning.seed_everything(0, verbose=False)
    loader = DataLoader(TensorDataset(*map(torch.tensor, samples())), batch_size=BATCH)
    trainer = lightning.Trainer(
        max_epochs=EPOCHS,
        accelerator="cpu",
        log_every_n_steps=2,
        num_sanity_val_steps=0,
        enable_checkpointing=False,
        enable_progress_bar=False,
        # Of the two rows that are kept back at a time the first has no column of the validation: the header is written anew.
        logger=[
            CSVLogger("lightning", name="", version="table", flush_logs_every_n_steps=2),
            TensorBoardLogger("lightning", name="", version="events"),
        ],
        callbacks=[lightning.pytorch.callbacks.LearningRateMonitor("step")],
    )
    trainer.fit(Model(), loader, loader)
    return {"table": of_table("lightning/table/metrics.csv", "step"), "events": of_events("lightning/events")}


def fit_keras(callback):
    import keras

    keras.utils.set_random_seed(0)
    inputs = keras.Input((FEATURES,))
    model = keras.Model(inputs, keras.layers.Dense(CLASSES, activation="softmax")(inputs))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(*samples(), batch_size=BATCH, epochs=EPOCHS, validation_split=0.25, verbose=0, callbacks=[callback])


def with_keras():
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    pathlib.Path("keras").mkdir()
    fit_keras(keras.callbacks.CSVLogger("keras/training.csv"))
    return {"keras": of_table("keras/training.csv", "epoch")}


def with_keras_events():
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras

    folder = pathlib.Path("keras-tensorboard")
    fit_keras(keras.callbacks.TensorBoard(folder, write_graph=False, update_freq=1))
    return {name: of_events(folder / name) for name in ("train", "validation")}


def with_transformers():
    os.environ["TENSORBOARD_LOGGING_DIR"] = "transformers/events"
    import torch
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments
    from transformers.trainer_callback import TrainerState

    tokens = torch.randint(0, 20, (SAMPLES, 6), generator=torch.Generator().manual_seed(0))
    rows = [{"input_ids": row, "labels": row.sum() % CLASSES} for row in tokens]
    shape = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    model = BertForSequenceClassification(BertConfig(vocab_size=20, num_labels=CLASSES, **shape))
    arguments = TrainingArguments(
        output_dir="transformers",
        num_train_epochs=EPOCHS,
        per_device_train_batch_size=BATCH,
        logging_steps=2,
        eval_strategy="epoch",
        save_strategy="no",
        report_to=["tensorboard"],
        use_cpu=True,
        disable_tqdm=True,
    )
    trainer = Trainer(model=model, args=arguments, train_dataset=rows, eval_dataset=rows[:BATCH])
    trainer.train()
    trainer.save_state()
    curves = {}
    for entry in TrainerState.load_from_json("transformers/trainer_state.json").log_history:
        for name, value in entry.items():
            if name not in ("epoch", "step"):
                curves.setdefault(name, []).append([entry["step"], spell(value)])
    return {"transformers": curves, "events": of_events("transformers/events")}


LIBRARIES = {
    "lightning": with_lightning,
    "keras": with_keras,
    "keras-tensorboard": with_keras_events,
    "transformers": with_transformers,
}

if __name__ == "__main__":
    runs = LIBRARIES[sys.argv[1]]()
    assert all(curves and all(curves.values()) for curves in runs.values()), runs
    print(json.dumps({"runs": runs}))
