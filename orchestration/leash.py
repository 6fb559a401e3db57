"""Children that die with their parent.

A run that is killed takes the sandbox and dbt with it; otherwise dbt would go on writing the build
file that the next run needs.
"""

from __future__ import annotations

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(how: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel to signal this process when the one that started it is gone (Linux only).

    Args:
        how: SIGTERM where the child has children of its own to take along.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, how)
