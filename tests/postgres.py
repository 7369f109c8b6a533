"""A real PostgreSQL for tests: Debian's own, in a temporary folder, on a socket there.

Started once a run as an unprivileged user, never on a network port, stopped at the
end. Each test gets an empty database of its own.
"""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import psycopg

_DEBIAN: Final = Path("/usr/lib/postgresql")
_USER: Final = "menshen"
# Seconds of real time in which the server has to be up, on a busy machine.
_UP_WITHIN: Final = 30.0
# A test's data need not survive the machine, only the test.
_SETTINGS: Final = (
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "max_connections=20",
    "shared_buffers=16MB",
)


class Postgres:
    """A server that can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = _programs()
        self._account = _account()
        self._numbers = count()
        self._server: subprocess.Popen[bytes] | None = None
        if self._account is not None:
            os.chown(folder, self._account.pw_uid, self._account.pw_gid)
        self._run(
            self._programs / "initdb",
            *("-D", folder / "data", "-U", _USER, "-A", "trust", "-N"),
        )

    def start(self) -> None:
        log = self._folder / "log"
        with log.open("ab") as file:
            self._server = subprocess.Popen(
                [
                    str(self._programs / "postgres"),
                    *("-D", str(self._folder / "data"), "-k", str(self._folder)),
                    *(f"--{each}" for each in _SETTINGS),
                ],
                stdout=subprocess.DEVNULL,
                stderr=file,
                cwd=self._folder,
                **self._as_account(),
            )
        until = time.monotonic() + _UP_WITHIN
        while True:
            try:
                with psycopg.connect(self._dsn("postgres")):
                    return
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"PostgreSQL: {log.read_text()}") from None
                time.sleep(0.05)

    def stop(self) -> None:
        """Disconnect everybody and end. Idempotent."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(timeout=30)
            self._server = None

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://{_USER}@/{name}?host={self._folder}"

    def _dsn(self, database: str) -> str:
        return f"host={self._folder} user={_USER} dbname={database}"

    def _run(self, *command: object) -> None:
        done = subprocess.run(
            [str(each) for each in command],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **self._as_account(),
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()}")

    def _as_account(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        return {
            "user": self._account.pw_uid,
            "group": self._account.pw_gid,
            "extra_groups": [],
        }


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    folder = Path(mkdtemp(prefix="menshen-pg-"))
    try:
        postgres = Postgres(folder)
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=_version)
    if found:
        return found[-1].parent
    path = shutil.which("initdb")
    if path is None:
        raise RuntimeError("no PostgreSQL here: run `tests/debian.sh` to install it")
    return Path(path).parent


def _version(initdb: Path) -> int:
    return int(initdb.parent.parent.name)


def _account() -> pwd.struct_passwd | None:
    """Whom to be: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("no unprivileged account to run PostgreSQL as")
