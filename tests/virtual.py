"""Run an async test on the virtual clock: seconds, hours and days cost nothing."""

import functools
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from simulators.clock import run_virtual

P = ParamSpec("P")


def virtual(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """The test as a plain function; `loop.time()` starts at 0 and jumps."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        run_virtual(lambda clock: test(*args, **kwargs))

    # pytest-asyncio looks through wrappers for a coroutine function; pytest itself
    # needs only the names of the fixtures.
    vars(run)["__signature__"] = inspect.signature(test)
    del vars(run)["__wrapped__"]
    return run
