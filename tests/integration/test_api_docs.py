"""The commands of docs/api.md, run as they stand there."""

import asyncio
import json
import re
from typing import Final

from tests.apis import System, system
from tests.docs.files import ROOT

_SHELL: Final = re.compile(r"^```sh\n(curl .*?)^```", re.MULTILINE | re.DOTALL)
_LEAVER, _RECEIPTS = _SHELL.findall((ROOT / "docs/api.md").read_text("utf-8"))


async def run(command: str, other: System) -> object:
    there = command.replace("http://127.0.0.1:8080", str(other.address))
    shell = await asyncio.create_subprocess_shell(
        there,
        stdout=asyncio.subprocess.PIPE,
        env={"TOKEN": other.token, "PATH": "/usr/bin:/bin"},
    )
    said, _ = await shell.communicate()
    assert shell.returncode == 0
    return json.loads(said)


async def test_the_leaver_of_the_docs_is_reported_and_the_receipts_are_read() -> None:
    async with system() as hr:
        change = await run(_LEAVER, hr)
        assert isinstance(change, dict)
        receipts = await run(_RECEIPTS.replace("107", str(change["change"])), hr)

    assert (change["person"], change["what"]) == ("E1001", "state left")
    assert receipts == change
