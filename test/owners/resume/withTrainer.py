"""Trains with Trainer of transformers on random numbers; dies without a word at the step that DIE_AT names."""

import os
import signal

import torch
from transformers import HfArgumentParser, Trainer, TrainerCallback, TrainingArguments


class LinearModel(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        outputs = self.layer(x).squeeze(-1)
        return {"loss": torch.nn.functional.mse_loss(outputs, labels), "logits": outputs}


class PrintSteps(TrainerCallback):
    def on_step_end(self, args, state, control, **_) -> None:
        print(f"step {state.global_step}", flush=True)
        if state.global_step == int(os.environ.get("DIE_AT", "0")):
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    (arguments,) = HfArgumentParser(TrainingArguments).parse_args_into_dataclasses()
    samples = [{"x": torch.randn(4), "labels": torch.randn(())} for _ in range(80)]
    trainer = Trainer(model=LinearModel(), args=arguments, train_dataset=samples, callbacks=[PrintSteps()])
    trainer.train(resume_from_checkpoint=arguments.resume_from_checkpoint)


if __name__ == "__main__":
    main()
