"""Keys and certificates on disk: the site's own, and one folder per door.

    KEYS/                           the office's machine; 0700, every file 0600
    ├── authority.key/.pem          the site's certificate authority
    ├── digest.key                  keyed digests of badges and PINs, site-wide
    ├── controller/                 client.key/.pem, sign.key
    ├── broker/                     server.key/.pem and the broker's configuration
    ├── public/<door>.<issue>.toml  public keys of every door, also of past ones
    └── doors/<door>/               what is copied to that door's Pi, then deleted here

Laws: nothing is ever overwritten; a secret file that others may read is refused;
no error and no `repr` shows what is in one. An *issue* counts the key sets a door has
had, from 1: the newest that is not withdrawn is in force, and the public keys of past
ones stay, since what they signed is kept for ever.
"""

import os
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from domain.errors import InputError
from domain.ids import CONTROLLER, DoorId, SiteId
from wire import sealing, topics
from wire.certificates import Issued, issue_client, issue_server, make_authority
from wire.sealing import OpeningKey, RandomBytes, SigningKey

LOOPBACK: Final = ("localhost", "127.0.0.1")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFiles:
    """What a TLS client needs, as files, since `ssl` reads only files."""

    certificate: Path
    key: Path
    authority: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPublic:
    """What the office knows of one door's key set."""

    door: DoorId
    issue: int
    sign: bytes  # Ed25519: verifies what the door signed
    seal: bytes  # X25519: seals what only the door may read
    client_id: str  # the door's name to the broker's session store
    withdrawn: bool

    @property
    def user(self) -> str:
        return user_name(self.door, self.issue)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteKeys:
    """The office's secrets, loaded."""

    folder: Path
    site: SiteId
    sign: SigningKey  # the controller's
    digest: bytes = field(repr=False)
    client: ClientFiles
    client_id: str
    doors: tuple[DoorPublic, ...]  # every issue, withdrawn ones too

    def in_force(self, door: DoorId) -> DoorPublic | None:
        """The key set with which `door` speaks now."""
        sets = [d for d in self.doors if d.door == door and not d.withdrawn]
        return max(sets, key=lambda d: d.issue, default=None)

    def signers(self, door: DoorId) -> tuple[bytes, ...]:
        """Every key that ever signed for `door`, newest first."""
        sets = sorted((d for d in self.doors if d.door == door), key=_issue)
        return tuple(d.sign for d in reversed(sets))


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorKeys:
    """One door's secrets, loaded on its Pi."""

    folder: Path
    site: SiteId
    door: DoorId
    issue: int
    client_id: str
    sign: SigningKey
    open: OpeningKey
    local: bytes = field(repr=False)  # seals what the door keeps on its own disk
    digest: bytes = field(repr=False)
    controller: bytes  # Ed25519: verifies commands, acknowledgements, rosters
    client: ClientFiles


def user_name(name: str, issue: int) -> str:
    """The broker's name for a certificate: its subject."""
    return f"CN={name},OU={issue}"


def init_site(
    folder: Path,
    site: SiteId,
    *,
    now: datetime,
    random_bytes: RandomBytes,
    hosts: Sequence[str] = (),
) -> None:
    """Make the site's authority, the controller's keys and the broker's certificate.

    `hosts`: names and addresses of the broker besides loopback.

    Raises:
        InputError: `folder` holds an authority already, or `site` is no name.
    """
    _demand_name(site, "site")
    if (folder / "authority.key").exists():
        raise InputError(
            f"`{folder}` already holds a site's authority; it is never overwritten. "
            "choose another folder, or move this one away"
        )
    authority = make_authority(site, now=now)
    for each in (folder, *(folder / n for n in ("controller", "broker", "public"))):
        _make_folder(each)
    _make_folder(folder / "doors")
    _write(folder / "digest.key", random_bytes(sealing.KEY_BYTES).hex())
    client = issue_client(authority, CONTROLLER, issue=1, now=now)
    sign = sealing.make_signing_key()
    _write_pair(folder / "controller", "client", client)
    _write(folder / "controller" / "sign.key", sign.secret.hex())
    _write(
        folder / "controller" / "controller.toml",
        _toml(site=site, client_id=_client_id(CONTROLLER, random_bytes)),
    )
    names = tuple(dict.fromkeys((*LOOPBACK, *hosts)))
    _write_pair(folder / "broker", "server", issue_server(authority, names, now=now))
    # Last, because its presence says that the folder is whole.
    _write(folder / "authority.pem", authority.certificate)
    _write(folder / "authority.key", authority.key)


def add_door(
    folder: Path, door: DoorId, *, now: datetime, random_bytes: RandomBytes
) -> Path:
    """Issue a door's keys; the folder returned is to be copied to its Pi.

    Raises:
        InputError: the door has keys in force, or `door` is no name for a door.
    """
    _demand_name(door, "door")
    site = load_site(folder)
    if door == CONTROLLER:
        raise InputError(f"`{door}` is the controller's own name; name the door else")
    if site.in_force(door) is not None:
        raise InputError(
            f"door `{door}` already has keys; withdraw them first with "
            f"`menshen door revoke FILE {door} --keys {folder}`"
        )
    issue = 1 + max((d.issue for d in site.doors if d.door == door), default=0)
    home = folder / "doors" / door
    if home.exists():
        raise InputError(f"`{home}` still holds an older set of keys; remove it")
    client = issue_client(_load_authority(folder), door, issue=issue, now=now)
    sign, opening = sealing.make_signing_key(), sealing.make_opening_key()
    client_id = _client_id(door, random_bytes)

    _make_folder(home)
    _write_pair(home, "client", client)
    _write(home / "authority.pem", (folder / "authority.pem").read_bytes())
    _write(home / "sign.key", sign.secret.hex())
    _write(home / "open.key", opening.secret.hex())
    _write(home / "local.key", random_bytes(sealing.KEY_BYTES).hex())
    _write(home / "digest.key", site.digest.hex())
    _write(
        home / "door.toml",
        _toml(
            site=site.site,
            door=door,
            issue=issue,
            client_id=client_id,
            controller=site.sign.public.hex(),
        ),
    )
    _write(
        folder / "public" / f"{door}.{issue}.toml",
        _toml(
            door=door,
            issue=issue,
            sign=sign.public.hex(),
            seal=opening.public.hex(),
            client_id=client_id,
        ),
    )
    return home


def revoke_door(folder: Path, door: DoorId) -> DoorPublic:
    """Withdraw a door's keys. The broker must then read a new configuration.

    Raises:
        InputError: the door has no keys in force.
    """
    keys = load_site(folder).in_force(door)
    if keys is None:
        raise InputError(f"door `{door}` has no keys in force in `{folder}`")
    _write(folder / "public" / f"{door}.{keys.issue}.withdrawn", "")
    home = folder / "doors" / door
    if home.exists():
        home.rename(home.with_name(f"{door}.{keys.issue}.withdrawn"))
    return keys


def load_site(folder: Path) -> SiteKeys:
    """The office's secrets.

    Raises:
        InputError: missing, damaged, or readable by others; names the file.
    """
    office = folder / "controller"
    facts = _read_toml(office / "controller.toml")
    client = _client_files(office, folder / "authority.pem")
    return SiteKeys(
        folder=folder,
        site=SiteId(_text(facts, "site", office / "controller.toml")),
        sign=SigningKey(_read_key(office / "sign.key")),
        digest=_read_key(folder / "digest.key"),
        client=client,
        client_id=_text(facts, "client_id", office / "controller.toml"),
        doors=tuple(_load_public(p) for p in sorted(folder.glob("public/*.toml"))),
    )


def load_door(folder: Path) -> DoorKeys:
    """One door's secrets.

    Raises:
        InputError: missing, damaged, or readable by others; names the file.
    """
    path = folder / "door.toml"
    facts = _read_toml(path)
    return DoorKeys(
        folder=folder,
        site=SiteId(_text(facts, "site", path)),
        door=DoorId(_text(facts, "door", path)),
        issue=_count(facts, "issue", path),
        client_id=_text(facts, "client_id", path),
        sign=SigningKey(_read_key(folder / "sign.key")),
        open=OpeningKey(_read_key(folder / "open.key")),
        local=_read_key(folder / "local.key"),
        digest=_read_key(folder / "digest.key"),
        controller=_hex(facts, "controller", path),
        client=_client_files(folder, folder / "authority.pem"),
    )


def _load_public(path: Path) -> DoorPublic:
    facts = _read_toml(path)
    return DoorPublic(
        door=DoorId(_text(facts, "door", path)),
        issue=_count(facts, "issue", path),
        sign=_hex(facts, "sign", path),
        seal=_hex(facts, "seal", path),
        client_id=_text(facts, "client_id", path),
        withdrawn=path.with_suffix(".withdrawn").exists(),
    )


def _load_authority(folder: Path) -> Issued:
    return Issued(
        certificate=_read(folder / "authority.pem", lambda p: p.read_bytes()),
        key=_read_secret(folder / "authority.key"),
    )


def _client_files(folder: Path, authority: Path) -> ClientFiles:
    files = ClientFiles(
        certificate=folder / "client.pem",
        key=folder / "client.key",
        authority=authority,
    )
    _read_secret(files.key)  # `ssl` would name neither the file nor the trouble
    for path in (files.certificate, files.authority):
        _read(path, lambda p: p.read_bytes())
    return files


def _client_id(name: str, random_bytes: RandomBytes) -> str:
    """Unguessable, since a broker gives a session to whoever names its client id."""
    return f"{name}-{random_bytes(8).hex()}"


def _issue(keys: DoorPublic) -> int:
    return keys.issue


def _demand_name(name: str, what: str) -> None:
    if not topics.is_name(name):
        raise InputError(
            f"`{name}` is no name for a {what}: 1..64 of a-z, 0-9, _ and -"
        )


def _make_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _write_pair(folder: Path, name: str, issued: Issued) -> None:
    _write(folder / f"{name}.pem", issued.certificate)
    _write(folder / f"{name}.key", issued.key)


def _write(path: Path, content: str | bytes) -> None:
    """A new file that only its owner may read, from its first byte on."""
    data = content.encode() if isinstance(content, str) else content
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError(f"`{path}` exists; keys are never overwritten") from None
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _toml(**facts: str | int) -> str:
    """Names and hex digits only, so that quoting is never needed."""
    return "".join(
        f"{key} = {value}\n" if isinstance(value, int) else f'{key} = "{value}"\n'
        for key, value in facts.items()
    )


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(_read(path, lambda p: p.read_text()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise InputError(f"`{path}` is damaged: not TOML") from None


def _text(facts: dict[str, object], key: str, path: Path) -> str:
    value = facts.get(key)
    if not isinstance(value, str):
        raise InputError(f"`{path}` is damaged: no text under `{key}`")
    return value


def _count(facts: dict[str, object], key: str, path: Path) -> int:
    value = facts.get(key)
    if not isinstance(value, int):
        raise InputError(f"`{path}` is damaged: no number under `{key}`")
    return value


def _hex(facts: dict[str, object], key: str, path: Path) -> bytes:
    return _unhex(_text(facts, key, path), path)


def _read_key(path: Path) -> bytes:
    return _unhex(_read_secret(path).decode("ascii", "replace"), path)


def _unhex(text: str, path: Path) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != sealing.KEY_BYTES:
        raise InputError(f"`{path}` is damaged: not {sealing.KEY_BYTES} bytes of hex")
    return key


def _read_secret(path: Path) -> bytes:
    mode = _read(path, lambda p: p.stat()).st_mode
    if mode & 0o077:
        raise InputError(
            f"`{path}` is readable by others: run `chmod 600 {path}`, and consider "
            "whether the key has been seen"
        )
    return _read(path, lambda p: p.read_bytes())


def _read(path: Path, how: Callable[[Path], _T]) -> _T:
    try:
        return how(path)
    except OSError as error:
        raise InputError(f"`{path}` cannot be read: {error.strerror}") from None
