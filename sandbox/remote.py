"""A served sandbox, steered from another process.

Belongs here: what a process needs to say to a sandbox that it did not start itself. Does not
belong here: the endpoints (server.py).
"""

from __future__ import annotations

import json
import urllib.request
from datetime import datetime


def clock(port: int) -> datetime:
    """Where the clock of the sandbox on that port stands (aware).

    Raises:
        OSError: nothing answers there.
    """
    return _moment(urllib.request.Request(f"http://127.0.0.1:{port}/_sandbox/clock"))


def advance(port: int, to: datetime) -> datetime:
    """Move the clock of the sandbox on that port forward; it never goes back.

    Args:
        port: Where it listens on the loopback interface.
        to: The new now (aware).

    Returns:
        Where the clock stands afterwards.

    Raises:
        OSError: nothing answers there.
    """
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/_sandbox/clock",
        data=json.dumps({"now": to.isoformat()}).encode(),
        method="POST",
    )
    return _moment(request)


def _moment(request: urllib.request.Request) -> datetime:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=60) as response:
        return datetime.fromisoformat(json.load(response)["now"])
