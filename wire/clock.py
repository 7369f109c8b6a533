"""The machine's own clock: the one place that reads it."""

from datetime import UTC, datetime


class SystemClock:
    """Wall time as the operating system tells it; see `edge_agent` for its trust."""

    def now(self) -> datetime:
        return datetime.now(UTC)
