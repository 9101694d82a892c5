"""Runs one program under limits and replaces itself by it: ``python -I -S confined.py BYTES SECONDS ARGV…``.

A process of its own rather than ``preexec_fn``, which is unsafe in a worker with threads. The
program dies with the worker that asked for it, so a killed job leaves nothing running.
"""

# Few modules, and small ones: this begins some twenty times for each lecture.
import ctypes
import os
import resource
import sys

ADDRESS_SPACE = 3 * 1024**3
PR_SET_PDEATHSIG = 1
SIGKILL = 9


def main(argv: list[str]) -> None:
    """Set the limits and become the program."""
    largest_file, seconds, program = int(argv[0]), int(argv[1]), argv[2:]
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Neither exists on every system; the wall clock of the parent bounds what is left.
    try:  # noqa: SIM105 - see the imports
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    except (ValueError, OSError):
        pass
    try:  # noqa: SIM105 - see the imports
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)
    except (OSError, AttributeError):
        pass
    os.nice(10)
    os.execve(program[0], program, {"LC_ALL": "C"})  # noqa: S606 - argv list, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
