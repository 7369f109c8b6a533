"""The project's own files, as git would list them; and two checks of single files.

Run as a program it serves pre-commit: `python -m tests.docs.files end-of-file FILE…`
or `… toml FILE…` prints what is wrong and returns 1.
"""

import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
TEXT: Final = frozenset(
    {
        *(
            ".cfg",
            ".css",
            ".editorconfig",
            ".gitignore",
            ".hex",
            ".html",
            ".in",
            ".ini",
        ),
        *(
            ".js",
            ".json",
            ".lock",
            ".mako",
            ".md",
            ".py",
            ".sh",
            ".svg",
            ".toml",
            ".txt",
        ),
        *(".yaml", ".yml", "Makefile", "LICENSE", "run"),
    }
)


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is in git or would be added; ignored ones are not ours."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 git is found by its name
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def text_files() -> Iterable[Path]:
    for path in project_files():
        if (path.suffix or path.name) in TEXT:
            yield path


def markdown() -> Iterable[Path]:
    return (path for path in project_files() if path.suffix == ".md")


def shown(path: Path) -> str:
    """The path as a reader of the project would write it."""
    return str(path.relative_to(ROOT))


def bad_end(content: bytes) -> bool:
    """Whether a text lacks its last line's end, or has empty lines after it."""
    return bool(content) and (not content.endswith(b"\n") or content.endswith(b"\n\n"))


def toml_problem(content: bytes) -> str | None:
    try:
        tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return str(error)
    return None


def main(argv: Sequence[str]) -> int:
    check, *names = argv
    wrong = []
    for name in names:
        content = Path(name).read_bytes()
        if check == "end-of-file" and bad_end(content):
            wrong.append(f"{name}: does not end in exactly one line end")
        if check == "toml" and (problem := toml_problem(content)) is not None:
            wrong.append(f"{name}: {problem}")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
