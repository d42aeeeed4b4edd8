"""hold_gpus.py <lock folder> <gpu,gpu,…> <count> <word>…: runs Python with the words behind, in this very process, once it holds that many GPUs.

A GPU is held by a lock on the file of its name. The system drops the lock when the process ends, however it ends, and those
that it forked: a program that a task starts and leaves behind does not hold it, though it may still use the GPU.
"""

import fcntl
import os
import signal
import sys
import time

_SECONDS_BETWEEN_LOOKS = 0.2


def hold(folder, gpus, count):
    """Waits until `count` of the GPUs are free and gives their names. The locks outlive this program's replacement."""
    # Only one task gathers at a time, or two that need several could wait for each other for ever.
    turn = _open_lock(folder, "turn")
    fcntl.flock(turn, fcntl.LOCK_EX)
    held = set()
    is_told = False
    while len(held) < count:
        free = next((gpu for gpu in gpus if gpu not in held and _try_lock(folder, gpu)), None)
        if free is None:
            if not is_told:
                print("[trainyard] This task waits for a free GPU of its run.", flush=True)
                is_told = True
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        else:
            held.add(free)
    os.close(turn)
    return [gpu for gpu in gpus if gpu in held]


def _try_lock(folder, gpu):
    lock = _open_lock(folder, gpu)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    os.set_inheritable(lock, True)
    return True


def _open_lock(folder, name):
    return os.open(os.path.join(folder, name), os.O_RDWR | os.O_CREAT, 0o600)


def main():
    folder, gpus, count, *words = sys.argv[1:]
    # Who is stopped while it waits has nothing to say.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(hold(folder, gpus.split(","), int(count)))
    os.execv(sys.executable, [sys.executable, *words])


if __name__ == "__main__":
    main()
