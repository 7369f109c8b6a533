"""What must hold for every file of the project, whoever wrote it."""

import ast
import re
from typing import Final

from tests.docs.files import (
    bad_end,
    project_files,
    shown,
    text_files,
    toml_problem,
)

# Folders of a developer's machine, and hosts that a lock or a doc must not name:
# where packages come from is the reader's own setting. Written in pieces, so that
# this file does not find itself.
_MACHINE: Final = re.compile(r"(?<![\w.])/(?:wo" r"rk|ro" r"ot|opt/py" r"pi)/")
_REGISTRY: Final = re.compile(
    r"files\.python"
    r"hosted\.org|(?:test\.)?py"
    r"pi\.org|registry\.npm"
    r"js\.org"
    r"|deb\.deb"
    r"ian\.org|proxy\.gol"
    r"ang\.org"
)


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{shown(path)}:{number}: {line.strip()[:100]}"
        for path in text_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_path_of_one_machine() -> None:
    assert _lines_with(_MACHINE) == []


def test_no_file_names_a_package_registry() -> None:
    assert _lines_with(_REGISTRY) == []


def test_every_text_ends_in_exactly_one_line_end() -> None:
    assert [shown(p) for p in text_files() if bad_end(p.read_bytes())] == []


def test_every_toml_file_that_should_parse_does() -> None:
    broken = {
        shown(path): problem
        for path in project_files()
        if path.suffix == ".toml" and "broken" not in path.parts
        if (problem := toml_problem(path.read_bytes())) is not None
    }

    assert broken == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        shown(path)
        for path in project_files()
        if path.suffix == ".py"
        if not ast.get_docstring(ast.parse(path.read_bytes()))
    ]

    assert silent == []


def test_no_photograph_is_kept_in_the_project() -> None:
    """The pictures of people are a package's, for use at install time only."""
    kinds = {".pgm", ".jpg", ".jpeg", ".bmp", ".npy", ".npz", ".dat"}

    assert [shown(p) for p in project_files() if p.suffix.lower() in kinds] == []
