"""A real PostgreSQL for tests: Debian's own, in a temporary folder, on a socket there.

Started once a run as an unprivileged user, never on a network port, stopped at the
end. Each test gets an empty database of its own.
"""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

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


@dataclass(frozen=True)
class Postgres:
    folder: Path
    numbers: Iterator[int]

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test_{next(self.numbers)}"
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://{_USER}@/{name}?host={self.folder}"

    def _dsn(self, database: str) -> str:
        return f"host={self.folder} user={_USER} dbname={database}"


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    programs = _programs()
    account = _account()
    folder = Path(mkdtemp(prefix="menshen-pg-"))
    try:
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        data = folder / "data"
        _run(account, programs / "initdb", "-D", data, "-U", _USER, "-A", "trust", "-N")
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    str(programs / "postgres"),
                    *("-D", str(data), "-k", str(folder)),
                    *(f"--{each}" for each in _SETTINGS),
                ],
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=folder,
                user=None if account is None else account.pw_uid,
                group=None if account is None else account.pw_gid,
                extra_groups=None if account is None else [],
            )
        try:
            postgres = Postgres(folder, count())
            _wait_until_up(postgres, server, folder / "log")
            yield postgres
        finally:
            server.send_signal(2)  # SIGINT: disconnect everybody and end
            server.wait(timeout=30)
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


def _run(account: pwd.struct_passwd | None, *command: object) -> None:
    done = subprocess.run(
        [str(each) for each in command],
        capture_output=True,
        text=True,
        cwd="/",
        user=None if account is None else account.pw_uid,
        group=None if account is None else account.pw_gid,
        extra_groups=None if account is None else [],
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()}")


def _wait_until_up(
    postgres: Postgres, server: "subprocess.Popen[bytes]", log: Path
) -> None:
    until = time.monotonic() + _UP_WITHIN
    while True:
        try:
            with psycopg.connect(postgres._dsn("postgres")):
                return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL: {log.read_text()}") from None
            time.sleep(0.05)
