"""`@resources(gpu=n)` on a machine with several GPUs: each task sees n of those that its run was given, and no other task does.

Metaflow reserves nothing on the machine it runs on: all tasks of a foreach see every GPU and take the first.
"""

import os
import shutil
import tempfile

from metaflow.plugins.resources_decorator import ResourcesDecorator

_HOLD_GPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hold_gpus.py")

# Steps that run elsewhere get their GPUs there.
_REMOTE = {"batch", "kubernetes"}

# One for the tasks of all steps.
_lock_folder = None


class GpuResourcesDecorator(ResourcesDecorator):
    """Metaflow's `@resources`; only how a task is started differs."""

    _is_remote = False

    def step_init(self, flow, graph, step, decorators, environment, flow_datastore, logger):
        self._is_remote = any(decorator.name in _REMOTE for decorator in decorators)

    def runtime_step_cli(self, cli_args, retry_count, max_user_code_retries, ubf_context):
        """Puts `hold_gpus.py` before the task, which becomes the task once it holds its GPUs."""
        gpus = [gpu for gpu in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if gpu]
        count = _number_of_gpus(self.attributes["gpu"])
        # The nodes of a num_parallel step are started by its first task, which must see the GPUs of all.
        if len(gpus) < 2 or count < 1 or self._is_remote or ubf_context is not None:
            return
        python, *words = cli_args.entrypoint
        hold = [_HOLD_GPUS, _make_lock_folder(), ",".join(gpus), str(min(count, len(gpus)))]
        # The interpreter stays the first word, since @conda and @pypi put theirs there.
        cli_args.entrypoint = [python, *hold, *words]

    def runtime_finished(self, exception):
        """Removes the locks; those that a task still holds are dropped when it ends."""
        global _lock_folder
        if _lock_folder is not None:
            shutil.rmtree(_lock_folder, ignore_errors=True)
            _lock_folder = None


def _number_of_gpus(asked):
    """A number, a text with one, or None; what is no number is Metaflow's to refuse."""
    try:
        return int(asked or 0)
    except ValueError:
        return 0


def _make_lock_folder():
    global _lock_folder
    if _lock_folder is None:
        _lock_folder = tempfile.mkdtemp(prefix="trainyard-gpus-")
    return _lock_folder
