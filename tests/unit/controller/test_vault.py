"""A copy of the database gives no template away."""

from dataclasses import replace
from pathlib import Path

import pytest

from controller.store.vault import Vault, vault_of
from domain.credentials import Credential, Factor
from domain.errors import StorageError
from domain.ids import CredentialId
from simulators.clock import VirtualClock, run_virtual
from tests.offices import ADA, BO, LAB, NINE, RANDOM, SITE, keys_of, office, person

FACE = Credential(CredentialId("c1"), Factor.FACE, b"a face nobody else has")
VAULT: Vault = vault_of(keys_of(SITE, LAB), RANDOM.randbytes)


def test_what_was_sealed_comes_out_again() -> None:
    sealed = VAULT.seal(ADA, FACE)

    assert VAULT.open(ADA, FACE.id, Factor.FACE, sealed) == FACE.data
    assert FACE.data not in sealed


def test_a_template_moved_to_another_person_does_not_open() -> None:
    sealed = VAULT.seal(ADA, FACE)

    with pytest.raises(StorageError, match="`c1` of `E1002` cannot be opened"):
        VAULT.open(BO, FACE.id, Factor.FACE, sealed)


def test_a_template_passed_off_as_another_factor_does_not_open() -> None:
    sealed = VAULT.seal(ADA, FACE)

    with pytest.raises(StorageError):
        VAULT.open(ADA, FACE.id, Factor.FINGERPRINT, sealed)


def test_badges_have_a_mark_and_templates_have_none() -> None:
    badge = replace(FACE, factor=Factor.BADGE)

    assert VAULT.mark(badge) == VAULT.mark(replace(badge, id=CredentialId("c2")))
    assert VAULT.mark(replace(badge, data=b"other")) != VAULT.mark(badge)
    assert VAULT.mark(FACE) is None


def test_no_key_is_shown() -> None:
    assert VAULT.seals.hex() not in repr(VAULT)
    assert repr(VAULT.seals) not in repr(VAULT)


def test_no_credential_lies_open_in_the_database_file(tmp_path: Path) -> None:
    path = tmp_path / "office.db"

    async def story(clock: VirtualClock) -> None:
        async with office(f"sqlite:///{path}", clock, people=[person(ADA)]) as world:
            await world.controller.enrol(ADA, FACE, by="x")

    run_virtual(story, starts=NINE)
    written = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert FACE.data not in written
