"""Where the page gets what it shows: two questions and one bell.

The page asks for the whole board, or for some of the log, and renders it; it reads no
table and decides nothing. The bell says that something was stored, no more: what
changed is found by comparing what was rendered.
"""

from collections.abc import Callable
from typing import Protocol

from controller.services.board import Board, EventRow
from controller.services.event_filter import EventFilter


class BoardSource(Protocol):
    async def board(self) -> Board:
        """The board as of now.

        Raises:
            StorageError: the register cannot be read.
        """

    async def events(self, wanted: EventFilter) -> tuple[EventRow, ...]:
        """The latest of the log that are wanted, latest first.

        Raises:
            StorageError: the log cannot be read.
        """

    def listen(self, callback: Callable[[object], None]) -> None:
        """Call `callback`, on the loop, after each commit that changed something."""
