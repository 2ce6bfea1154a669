"""Work that kills whoever does it, known only to the workers that the fault suite starts."""

import os
import signal

from specimens import jobs

POISON = "poison"


def kill_the_worker() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


jobs.does(POISON, kill_the_worker)
