"""Trains with Keras on random numbers; dies without a word after the epoch that DIE_AT names."""

import argparse
import os
import signal

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np


class PrintEpochs(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        print(f"epoch {epoch + 1}", flush=True)
        if epoch + 1 == int(os.environ.get("DIE_AT", "0")):
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--resume")
    parser.add_argument("--initial-epoch", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.resume:
        model = keras.models.load_model(arguments.resume)
    else:
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        model.compile("adam", "mse")
    rng = np.random.default_rng(0)
    # The callback that dies comes first, so that its epoch is not saved.
    saves = keras.callbacks.ModelCheckpoint("saved/model-{epoch:02d}-{loss:.3f}.keras")
    model.fit(
        rng.normal(size=(64, 4)),
        rng.normal(size=(64, 1)),
        epochs=arguments.epochs,
        initial_epoch=arguments.initial_epoch,
        verbose=0,
        callbacks=[PrintEpochs(), saves],
    )


if __name__ == "__main__":
    main()
