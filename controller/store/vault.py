"""Credentials at rest: sealed, so that a copy of the database gives no template away.

The key is derived from the controller's signing key, which never leaves the office's
key folder and isn't in any backup of the database. A badge's *mark* is a keyed digest
that lets the database tell that two badges are the same one, and nothing else.
"""

import hmac
from dataclasses import dataclass, field
from typing import Final

from domain.credentials import Credential, Factor
from domain.errors import SealBroken, StorageError
from domain.ids import CredentialId, PersonId
from domain.operators import OperatorId
from wire.keys import SiteKeys
from wire.sealing import RandomBytes, context, open_local, seal_local

_PURPOSE: Final = b"menshen/v1 controller store: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    seals: bytes = field(repr=False)
    marks: bytes = field(repr=False)
    random_bytes: RandomBytes

    def seal(self, person: PersonId, credential: Credential) -> bytes:
        return seal_local(
            self.seals,
            credential.data,
            context=_place(person, credential.id, credential.factor),
            random_bytes=self.random_bytes,
        )

    def open(
        self, person: PersonId, id_: CredentialId, factor: Factor, sealed: bytes
    ) -> bytes:
        """What was sealed for this person, credential and factor.

        Raises:
            StorageError: the row is damaged, moved, or sealed under other keys.
        """
        try:
            return open_local(self.seals, sealed, context=_place(person, id_, factor))
        except SealBroken as error:
            raise StorageError(
                f"credential `{id_}` of `{person}` cannot be opened: {error}"
            ) from None

    def seal_one_time(self, operator: OperatorId, secret: bytes) -> bytes:
        """The secret of an operator's one-time codes."""
        return seal_local(
            self.seals,
            secret,
            context=context("one-time", operator),
            random_bytes=self.random_bytes,
        )

    def open_one_time(self, operator: OperatorId, sealed: bytes) -> bytes:
        """
        Raises:
            StorageError: the row is damaged, moved, or sealed under other keys.
        """
        try:
            return open_local(self.seals, sealed, context=context("one-time", operator))
        except SealBroken as error:
            raise StorageError(
                f"the one-time secret of `{operator}` cannot be opened: {error}"
            ) from None

    def mark(self, credential: Credential) -> bytes | None:
        """What tells one badge from another; None for what is never alike twice."""
        if credential.factor is not Factor.BADGE:
            return None
        return hmac.digest(self.marks, credential.data, "sha256")


def vault_of(keys: SiteKeys, random_bytes: RandomBytes) -> Vault:
    secret = keys.sign.secret
    return Vault(
        seals=hmac.digest(secret, _PURPOSE + b"seal", "sha256"),
        marks=hmac.digest(secret, _PURPOSE + b"mark", "sha256"),
        random_bytes=random_bytes,
    )


def _place(person: PersonId, id_: CredentialId, factor: Factor) -> bytes:
    return context("credential", person, id_, factor)
