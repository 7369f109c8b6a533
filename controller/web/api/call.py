"""One request of a token, read and checked, as its handler gets it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar

from config.schema import Site
from controller.services.office import Office
from controller.web.sources import BoardSource
from domain.errors import CallerError
from domain.tokens import Token, TokenScope

T = TypeVar("T")

_SMALL: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`path`: the address's places, each as the table describes it."""

    office: Office
    source: BoardSource
    token: Token
    path: Mapping[str, Any]
    query: object
    body: object

    @property
    def site(self) -> Site:
        return self.office.site

    @property
    def by(self) -> str:
        """Whom the log names."""
        return self.token.actor

    def asked(self, cls: type[T]) -> T:
        """The query, of the class that the table names."""
        return _of(cls, self.query)

    def sent(self, cls: type[T]) -> T:
        """The body, of the class that the table names."""
        return _of(cls, self.body)


def _of(cls: type[T], value: object) -> T:
    if not isinstance(value, cls):
        raise CallerError(f"the table does not say that this takes `{cls.__name__}`")
    return value


Handler: TypeAlias = Callable[[Call], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address by one method. `scope` None: any token. `takes`: a dataclass; None:
    no body. `gives`: a dataclass. `refuses`: codes of problems beyond the usual ones.
    """

    method: str
    path: str
    scope: TokenScope | None
    summary: str
    handler: Handler
    gives: Any
    takes: type | None = None
    query: type | None = None
    places: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    refuses: tuple[str, ...] = ()
    max_body: int = _SMALL

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"
