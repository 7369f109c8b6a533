"""Serve the console on this machine's own address.

Passwords and sessions travel here without TLS, so nothing but loopback is served: from
another machine, use a tunnel.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn
from starlette.applications import Starlette

from controller.web.app import live_of
from controller.web.headers import LOOPBACK
from domain.errors import InputError

# Seconds that answers under way get to end after a stop.
_PATIENCE: Final = 2
# Connections that may wait until the loop looks at them.
_BACKLOG: Final = 128


class _Server(uvicorn.Server):
    """Signals belong to the whole controller, not to its page."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run_web(
    app: Starlette,
    *,
    host: str,
    port: int,
    started: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve until cancelled. `started` hears the port (also if `port` was 0) as soon
    as browsers may come.

    Raises:
        InputError: `host` isn't loopback, or the port is taken.
    """
    listener = _listen(host, port)
    started(listener.getsockname()[1])
    config = uvicorn.Config(
        app,
        lifespan="on",
        access_log=False,  # an address may carry names: requests are never logged
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_PATIENCE,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(serving)
    finally:
        live_of(app).close()  # or the open streams would be waited for
        server.should_exit = True
        await serving
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    if host not in LOOPBACK:
        raise InputError(
            f"the page can only be served on this machine itself, not on `{host}`: "
            "it speaks no TLS; use a tunnel"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1" if host == "localhost" else host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise InputError(f"the page cannot be served on port {port}: {error}") from None
    return listener
