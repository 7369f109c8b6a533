"""Where the page gets what it shows: one question and one bell.

The page asks for the whole board and renders it; it reads no table and decides
nothing. The bell says that something was stored, no more: what changed is found by
comparing what was rendered.
"""

from collections.abc import Callable
from typing import Protocol

from controller.services.board import Board


class BoardSource(Protocol):
    async def board(self) -> Board:
        """The board as of now.

        Raises:
            StorageError: the register cannot be read.
        """

    def listen(self, callback: Callable[[object], None]) -> None:
        """Call `callback`, on the loop, after each commit that changed something."""
