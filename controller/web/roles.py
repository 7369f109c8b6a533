"""Which role may do what: one table of every address of the console.

A row is a method and an address, as its route has them, and the roles that may. An
address that is mounted without a row stops the console from starting; one that exists
without being mounted fails a test. What a role may do *within* a page (own zones, own
department, up to a rank, never what concerns oneself) the page asks `domain.operators`.

To add an address: docs/console.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.routing import BaseRoute, Mount, Route

from controller.web.api.table import DESCRIPTION, ENDPOINTS
from domain.errors import CallerError
from domain.operators import Operator, OperatorRole

_R = OperatorRole
# Cookies: of an operator's session; of a tablet in the lobby, which opens nothing else.
SESSION_COOKIE: Final = "menshen_session"
TABLET_COOKIE: Final = "menshen_tablet"
_SMALL: Final = 64 * 1024
_PHOTO: Final = 2 * 1024 * 1024 + _SMALL  # a photograph, and its form
_LIST: Final = 2 * 1024 * 1024 + _SMALL  # a file of people, and its form

EVERYBODY: Final = frozenset(OperatorRole)
ACKNOWLEDGING: Final = frozenset({_R.GUARD, _R.SHIFT_LEAD})
RESOLVING: Final = frozenset({_R.SHIFT_LEAD, _R.SECRECY_OFFICER})
# Whose the wording of the undertakings is.
WRITING: Final = frozenset({_R.SECRECY_OFFICER})
ENROLLING: Final = frozenset({_R.ADMINISTRATOR})
RECEIVING: Final = frozenset({_R.GUARD, _R.SHIFT_LEAD})
_DESK: Final = RECEIVING | {_R.REVIEWER, _R.SECRECY_OFFICER}
BLOCKING: Final = frozenset({_R.SECRECY_OFFICER})
APPROVING: Final = frozenset({_R.APPROVER})
REVIEWING: Final = frozenset({_R.SECRECY_OFFICER, _R.ZONE_OWNER})
CHANGING_PEOPLE: Final = frozenset({_R.SECRECY_OFFICER})
# An owner of zones their own people (G7.3.2).
FREEZING: Final = frozenset({_R.SECRECY_OFFICER, _R.ZONE_OWNER})
# Others ask for it, and the officer decides (services.freeze_proposals).
PROPOSING: Final = frozenset({_R.SHIFT_LEAD, _R.REVIEWER})
SEEING_PROPOSALS: Final = PROPOSING | CHANGING_PEOPLE
EXPORTING_PEOPLE: Final = frozenset({_R.REVIEWER, _R.SECRECY_OFFICER})
# What is known of people; a zone owner's own. Others find people by name.
SEEING_PEOPLE: Final = frozenset({_R.REVIEWER, _R.SECRECY_OFFICER, _R.ZONE_OWNER})
# Everybody but those who maintain and those who permit.
_ALARMED: Final = EVERYBODY - {_R.ADMINISTRATOR, _R.APPROVER}
# What they may ask of which door: `domain.door_rights`.
COMMANDING: Final = frozenset(
    {_R.GUARD, _R.SHIFT_LEAD, _R.SECRECY_OFFICER, _R.ZONE_OWNER}
)


@dataclass(frozen=True, slots=True)
class Nav:
    """Where an address stands in the navigation. `area` and `word` are words of
    `nav.…`; `key` follows `g` on the keyboard."""

    area: str
    word: str
    icon: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may use one address with one method.

    `roles` None: nobody needs to be signed in. `locked`: also while the console is
    locked, where a page then shows no names. `max_body`: bytes of a form. `token`:
    for other systems, whose token the API's own gate asks for. `cookie`: whose token
    marks its forms.
    """

    method: str
    path: str
    roles: frozenset[OperatorRole] | None
    locked: bool = False
    max_body: int = _SMALL
    nav: Nav | None = None
    token: bool = False
    cookie: str = SESSION_COOKIE

    def allows(self, operator: Operator | None) -> bool:
        if self.roles is None:
            return True
        return operator is not None and not self.roles.isdisjoint(operator.roles)


def get(
    path: str,
    roles: frozenset[OperatorRole] | None,
    *,
    locked: bool = False,
    nav: Nav | None = None,
) -> Access:
    return Access(method="GET", path=path, roles=roles, locked=locked, nav=nav)


def post(
    path: str,
    roles: frozenset[OperatorRole] | None,
    *,
    locked: bool = False,
    max_body: int = _SMALL,
) -> Access:
    return Access(
        method="POST", path=path, roles=roles, locked=locked, max_body=max_body
    )


def lobby(method: str, path: str, *, max_body: int = _SMALL) -> Access:
    """Of a tablet: nobody is signed in there; the handler asks which tablet it is."""
    return Access(
        method=method, path=path, roles=None, max_body=max_body, cookie=TABLET_COOKIE
    )


# In the order of the navigation.
ACCESS: Final[tuple[Access, ...]] = (
    # --- nobody is signed in yet ---
    get("/healthz", None),
    get("/static", None),
    get("/sign-in", None),
    post("/sign-in", None),
    get("/sign-in/code", None),
    post("/sign-in/code", None),
    # --- the lobby's tablet, which has no operator ---
    lobby("GET", "/lobby"),
    lobby("POST", "/lobby/pair"),
    lobby("POST", "/lobby/use"),
    lobby("POST", "/lobby/language"),
    # A signature's points, percent-encoded.
    lobby("POST", "/lobby/sign", max_body=6 * _SMALL),
    lobby("POST", "/lobby/end"),
    lobby("POST", "/lobby/done"),
    # --- everybody's own session ---
    post("/sign-out", EVERYBODY, locked=True),
    post("/sign-out/everywhere", EVERYBODY),
    post("/session/use", EVERYBODY),
    post("/lock", EVERYBODY, locked=True),
    get("/unlock", EVERYBODY, locked=True),
    post("/unlock", EVERYBODY, locked=True, max_body=4 * _SMALL),
    # --- watch ---
    # Everybody: names only for those whose work it is, a zone owner's own zones.
    get("/", EVERYBODY, locked=True, nav=Nav("watch", "board", "grid", "b")),
    get("/events/stream", EVERYBODY, locked=True),
    get("/watch/start", ACKNOWLEDGING, nav=Nav("watch", "start_watch", "wait", "s")),
    post("/watch/start", ACKNOWLEDGING),
    # A zone owner sees those of their own zones.
    get("/alarms", _ALARMED, nav=Nav("watch", "alarms", "bell", "a")),
    get("/alarms/{alarm}", _ALARMED),
    post("/alarms/{alarm}/acknowledge", ACKNOWLEDGING),
    post("/alarms/{alarm}/escalate", ACKNOWLEDGING),
    post("/alarms/{alarm}/resolve", RESOLVING),
    # --- who is inside ---
    get("/muster", _DESK, nav=Nav("watch", "muster", "person", "m")),
    get("/muster.pdf", _DESK),
    # --- visitors ---
    get("/desk", _DESK, nav=Nav("watch", "desk", "list", "d")),
    get("/visits/new", RECEIVING),
    post("/visits", RECEIVING),
    get("/visits/{visit}", _DESK),
    post("/visits/{visit}/escort", RECEIVING),
    post("/visits/{visit}/cancel", RECEIVING),
    post("/visits/{visit}/block", BLOCKING),
    get("/visits/{visit}/check-in", _DESK),
    post("/visits/{visit}/check-in", RECEIVING),
    post("/visits/{visit}/identity", RECEIVING),
    post("/visits/{visit}/devices", RECEIVING),
    post("/visits/{visit}/locker", RECEIVING),
    post("/visits/{visit}/undertaking", RECEIVING),
    get("/visitor-badges", RECEIVING),
    post("/visitor-badges", RECEIVING),
    post("/visitor-badges/{badge}/retire", RECEIVING),
    # Faces: for those who receive them, and nobody else.
    get("/visits/{visit}/visitors/{person}/photo", RECEIVING),
    post("/visits/{visit}/visitors/{person}/photo", RECEIVING, max_body=_PHOTO),
    post("/visits/{visit}/visitors/{person}/photo/remove", RECEIVING),
    post("/visits/{visit}/party", RECEIVING, max_body=4 * _SMALL),
    post("/visits/{visit}/turn-away", RECEIVING),
    get("/visits/{visit}/check-out", _DESK),
    get("/visits/{visit}/labels.pdf", RECEIVING),
    get("/visits/{visit}/visitors/{person}/label.pdf", RECEIVING),
    post("/visits/{visit}/check-out", RECEIVING),
    # As the board: an owner's own zones, no names for who has no business with them.
    get("/doors/{door}", EVERYBODY),
    post("/doors/{door}/commands", COMMANDING),
    get(
        "/commands",
        COMMANDING | {_R.REVIEWER},
        nav=Nav("watch", "commands", "lockdown", "c"),
    ),
    get("/commands/{act}", COMMANDING | {_R.REVIEWER}),
    post("/commands/{act}/confirm", COMMANDING - {_R.GUARD}),
    get("/day-badges", RECEIVING, nav=Nav("watch", "day_badges", "badge")),
    post("/day-badges", RECEIVING),
    post("/day-badges/{person}/end", RECEIVING),
    get("/posture", COMMANDING),
    post("/posture", COMMANDING),
    get("/visits/{visit}/undertakings/{person}.pdf", _DESK),
    get("/lobby/tablets", RECEIVING, nav=Nav("watch", "tablets", "tablet")),
    post("/lobby/tablets", RECEIVING),
    post("/lobby/tablets/{tablet}/revoke", RECEIVING),
    post("/lobby/tablets/{tablet}/clear", RECEIVING),
    post("/lobby/tablets/{tablet}/witness", RECEIVING),
    get("/lobby/send", RECEIVING),
    post("/lobby/send", RECEIVING),
    # --- permit ---
    get(
        "/visits",
        APPROVING | {_R.SECRECY_OFFICER, _R.ZONE_OWNER},
        nav=Nav("permit", "approvals", "check", "v"),
    ),
    post("/visits/{visit}/approve", APPROVING),
    post("/visits/{visit}/approve-core", APPROVING),
    post("/visits/{visit}/refuse", APPROVING),
    get("/undertakings", _DESK, nav=Nav("permit", "undertakings", "sheet")),
    get("/undertakings/{text}", _DESK),
    # Two languages of 20 000 characters, percent-encoded.
    post("/undertakings/{text}", WRITING, max_body=8 * _SMALL),
    # --- grants, and their review ---
    get("/grants", SEEING_PEOPLE | APPROVING, nav=Nav("permit", "grants", "key")),
    post("/grants", REVIEWING),
    get("/grants/new", REVIEWING),
    post("/grants/{request}/approve", REVIEWING | APPROVING),
    post("/grants/{request}/refuse", REVIEWING | APPROVING),
    get("/grants/{grant}", SEEING_PEOPLE),
    post("/grants/{grant}/withdraw", REVIEWING),
    get("/review", SEEING_PEOPLE, nav=Nav("permit", "grant_review", "check", "r")),
    get("/review/{round}", SEEING_PEOPLE),
    post("/review/{round}/{grant}/confirm", REVIEWING),
    post("/review/{round}/{grant}/withdraw", REVIEWING),
    post("/review/{round}/lapse", frozenset({_R.SECRECY_OFFICER})),
    # --- people ---
    get(
        "/people", EVERYBODY - {_R.APPROVER}, nav=Nav("permit", "people", "person", "p")
    ),
    get("/people.csv", EXPORTING_PEOPLE),
    get("/people/import", CHANGING_PEOPLE),
    post("/people/import", CHANGING_PEOPLE, max_body=_LIST),
    get("/people/import/template.csv", CHANGING_PEOPLE),
    get("/people/import/{mark}", CHANGING_PEOPLE),
    post("/people/import/{mark}", CHANGING_PEOPLE),
    # Officer and reviewer see all but what is about themselves, a shift lead their own.
    get("/people/proposals", SEEING_PROPOSALS, nav=Nav("permit", "proposals", "hold")),
    post("/people/proposals/{person}/decline", CHANGING_PEOPLE),
    get("/people/{person}/propose-freeze", PROPOSING),
    post("/people/{person}/propose-freeze", PROPOSING),
    get("/people/{person}", SEEING_PEOPLE),
    # What a zone's sign says is read by everybody who stands before it.
    get("/zones", EVERYBODY, nav=Nav("permit", "zones", "zone", "z")),
    get("/zones/{zone}/sign.pdf", EVERYBODY),
    get("/people/{person}/freeze", FREEZING),
    post("/people/{person}/freeze", FREEZING),
    get("/people/{person}/leave", CHANGING_PEOPLE),
    post("/people/{person}/leave", CHANGING_PEOPLE),
    get("/people/{person}/reinstate", CHANGING_PEOPLE),
    post("/people/{person}/reinstate", CHANGING_PEOPLE),
    get("/people/{person}/de-secrecy", CHANGING_PEOPLE),
    post("/people/{person}/de-secrecy", CHANGING_PEOPLE),
    get("/people/{person}/transfer", CHANGING_PEOPLE),
    post("/people/{person}/transfer", CHANGING_PEOPLE),
    get("/people/{person}/qualifications", CHANGING_PEOPLE),
    post("/people/{person}/qualifications", CHANGING_PEOPLE),
    get("/people/{person}/changes/{change}", SEEING_PEOPLE),
    # --- system ---
    get("/account", EVERYBODY, nav=Nav("system", "account", "person")),
    post("/account/password", EVERYBODY),
    # Enrolment only: no list of people, no grants, no numbers.
    get("/badges", ENROLLING, nav=Nav("system", "badges", "badge")),
    post("/badges/assign", ENROLLING),
    post("/badges/withdraw", ENROLLING),
    get(
        "/operators",
        frozenset({_R.ADMINISTRATOR, _R.SECRECY_OFFICER, _R.REVIEWER}),
        nav=Nav("system", "operators", "key", "o"),
    ),
    post("/operators/{operator}/disable", frozenset({_R.ADMINISTRATOR})),
    get(
        "/tokens",
        frozenset({_R.ADMINISTRATOR, _R.SECRECY_OFFICER, _R.REVIEWER}),
        nav=Nav("system", "tokens", "chain"),
    ),
    post("/tokens/{name}/revoke", frozenset({_R.ADMINISTRATOR})),
    # --- other systems ---
    Access(method="GET", path=DESCRIPTION, roles=None, token=True),
    *(
        Access(method=each.method, path=each.path, roles=None, token=True)
        for each in ENDPOINTS
    ),
)

# Whose board shows no names: the administrator sees devices, the approver nobody.
_NAMELESS: Final = frozenset({_R.ADMINISTRATOR, _R.APPROVER})
# The page a role begins with: of several roles the first here; else the board.
FIRST: Final = (
    (_R.GUARD, "/"),
    (_R.SHIFT_LEAD, "/"),
    (_R.SECRECY_OFFICER, "/"),
    (_R.REVIEWER, "/people"),
    (_R.ZONE_OWNER, "/review"),
    (_R.APPROVER, "/visits"),
)
AREAS: Final = ("watch", "review", "permit", "inspect", "system")


class Table:
    """The rows of the addresses that are mounted."""

    def __init__(
        self, routes: Sequence[BaseRoute], access: Iterable[Access] = ACCESS
    ) -> None:
        rows = {(row.method, row.path): row for row in access}
        wanted = [pair for route in routes for pair in addresses(route)]
        if missing := sorted(set(wanted) - set(rows)):
            raise CallerError(f"no row in the table of roles for {missing}")
        self.rows = {pair: row for pair, row in rows.items() if pair in set(wanted)}

    def nav(self, operator: Operator) -> tuple[tuple[str, tuple[Access, ...]], ...]:
        """The areas with the pages that are there and allowed."""
        areas = (
            (
                area,
                tuple(
                    row
                    for row in self.rows.values()
                    if row.nav and row.nav.area == area and row.allows(operator)
                ),
            )
            for area in AREAS
        )
        return tuple((area, rows) for area, rows in areas if rows)

    def allows(self, path: str, operator: Operator) -> bool:
        """Whether the operator may open the page, if it is there."""
        row = self.rows.get(("GET", path))
        return row is not None and row.allows(operator)

    def first_page(self, operator: Operator) -> str:
        for role, path in FIRST:
            if role in operator.roles and self.allows(path, operator):
                return path
        return "/"


def addresses(route: BaseRoute) -> list[tuple[str, str]]:
    """Every method and address of a route; HEAD is as GET."""
    match route:
        case Route(methods=set() as methods):
            return [(method, route.path) for method in sorted(methods - {"HEAD"})]
        case Mount():
            return [("GET", route.path)]
        case _:
            raise CallerError(f"a route of a kind nobody guards: {route!r}")


def sees_names(operator: Operator) -> bool:
    return not operator.roles <= _NAMELESS
