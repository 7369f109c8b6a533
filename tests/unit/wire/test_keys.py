"""Keys on disk: made once, readable by their owner, never shown."""

import stat
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from domain.errors import InputError
from domain.ids import CONTROLLER, DoorId, SiteId
from wire.keys import (
    add_door,
    init_site,
    load_door,
    load_site,
    revoke_door,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SITE, LAB = SiteId("factory"), DoorId("lab")
RANDOM = Random(1).randbytes  # noqa: S311  so that a test can be repeated


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init_site(tmp_path / "keys", SITE, now=NOW, random_bytes=RANDOM)
    return tmp_path / "keys"


def add(folder: Path, door: DoorId = LAB) -> Path:
    return add_door(folder, door, now=NOW, random_bytes=RANDOM)


def test_a_door_s_folder_fits_the_office_s(folder: Path) -> None:
    door = load_door(add(folder))
    office = load_site(folder)
    known = office.in_force(LAB)

    assert known is not None
    assert (known.sign, known.seal) == (door.sign.public, door.open.public)
    assert (known.issue, known.client_id) == (door.issue, door.client_id)
    assert door.controller == office.sign.public
    assert door.digest == office.digest
    assert (door.site, door.door, office.site) == (SITE, LAB, SITE)


def test_nobody_else_may_read_a_key(folder: Path) -> None:
    add(folder)
    for path in folder.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize(
    "name", ["client.key", "sign.key", "open.key", "local.key", "digest.key"]
)
def test_a_key_that_others_may_read_is_refused_by_name(folder: Path, name: str) -> None:
    path = add(folder) / name
    path.chmod(0o640)

    with pytest.raises(InputError, match=rf"{path}.*chmod 600"):
        load_door(path.parent)


@pytest.mark.parametrize("name", ["digest.key", "controller/sign.key"])
def test_so_is_one_of_the_office(folder: Path, name: str) -> None:
    (folder / name).chmod(0o604)

    with pytest.raises(InputError, match="chmod 600"):
        load_site(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sign.key", "0123"),
        ("open.key", "no hex at all"),
        ("local.key", ""),
        ("door.toml", "site = "),
        ("door.toml", 'site = "factory"'),
        ("door.toml", 'site = 7\ndoor = "lab"'),
    ],
)
def test_a_damaged_file_is_named_and_not_shown(
    folder: Path, name: str, content: str
) -> None:
    path = add(folder) / name
    path.write_text(content)

    with pytest.raises(InputError, match=f"{path}. is damaged") as refused:
        load_door(path.parent)
    assert not content or content not in str(refused.value)


@pytest.mark.parametrize("name", ["client.pem", "authority.pem", "sign.key"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    path = add(folder) / name
    path.unlink()

    with pytest.raises(InputError, match=f"{path}. cannot be read"):
        load_door(path.parent)


def test_no_repr_shows_a_key(folder: Path) -> None:
    home = add(folder)
    shown = repr(load_door(home)) + repr(load_site(folder))

    for path in folder.rglob("*.key"):
        secret = path.read_text()
        assert secret not in shown
        if "BEGIN" not in secret:
            assert repr(bytes.fromhex(secret)) not in shown


def test_an_authority_is_never_overwritten(folder: Path) -> None:
    before = (folder / "authority.key").read_bytes()

    with pytest.raises(InputError, match="never overwritten"):
        init_site(folder, SITE, now=NOW, random_bytes=RANDOM)
    assert (folder / "authority.key").read_bytes() == before


def test_a_door_gets_keys_once(folder: Path) -> None:
    add(folder)

    with pytest.raises(InputError, match="already has keys"):
        add(folder)


@pytest.mark.parametrize("name", ["", "LAB", "a/b", "..", "a.b", "*", CONTROLLER])
def test_a_door_needs_a_name_of_its_own(folder: Path, name: str) -> None:
    with pytest.raises(InputError, match="name"):
        add(folder, DoorId(name))


def test_a_withdrawn_door_can_get_new_keys_and_its_past_stays_verifiable(
    folder: Path,
) -> None:
    first = load_door(add(folder))
    revoke_door(folder, LAB)
    assert load_site(folder).in_force(LAB) is None
    second = load_door(add(folder))
    office = load_site(folder)
    now = office.in_force(LAB)

    assert now is not None
    assert now.issue == second.issue == 2
    assert now.user == "CN=lab,OU=2"
    assert office.signers(LAB) == (second.sign.public, first.sign.public)
    assert first.client_id != second.client_id


def test_withdrawing_what_is_not_there_says_so(folder: Path) -> None:
    with pytest.raises(InputError, match="no keys in force"):
        revoke_door(folder, LAB)


def test_no_two_doors_share_a_secret(folder: Path) -> None:
    lab, store = load_door(add(folder)), load_door(add(folder, DoorId("store")))

    assert lab.sign.secret != store.sign.secret
    assert lab.open.secret != store.open.secret
    assert lab.local != store.local
    assert lab.client_id != store.client_id
