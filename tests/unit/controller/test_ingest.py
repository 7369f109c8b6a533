"""Ingest keeps its promises on SQLite."""

from pathlib import Path

import pytest

from tests.unit.controller.ingest_suite import IngestSuite


class TestIngestOnSqlite(IngestSuite):
    @pytest.fixture
    def database(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'office.db'}"
