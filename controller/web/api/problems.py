"""What the API says when it doesn't do as asked: RFC 9457, `application/problem+json`.

Each says what is wrong, where, and what to do; never more of the office's inside than
whoever holds the token may know.
"""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from controller.web.api.shapes import Fault
from domain.visit_problems import Refused
from wire import canonical

_CONTENT: Final = "application/problem+json"
MAX_FAULTS: Final = 20

# Code: status, title, what to do.
KINDS: Final[dict[str, tuple[int, str, str]]] = {
    "malformed": (400, "not readable", "send JSON in UTF-8, one object, no key twice"),
    "no_token": (401, "a token is needed", "send `Authorization: Bearer TOKEN`"),
    "bad_token": (
        401,
        "this token opens nothing",
        "ask the administrator for one that is in force",
    ),
    "scope": (
        403,
        "this token is not for that",
        "ask the administrator for a token with the scope that is named",
    ),
    "not_found": (404, "not there", "see `/api/v1/openapi.json` for what is"),
    "method": (405, "not by this method", "see the header `Allow`"),
    "conflict": (409, "not as things stand", "look at its present state"),
    "refused": (409, "refused by the rules", "see the codes in `problems`"),
    "too_large": (413, "too much", "send less at once"),
    "media_type": (
        415,
        "not JSON",
        "send `Content-Type: application/json`, in UTF-8",
    ),
    "invalid": (422, "not as described", "mend what `errors` names; nothing was done"),
    "too_many": (429, "refused too often", "wait as long as `Retry-After` says"),
    "failed": (500, "this failed", "tell the administrator the reference"),
    "unavailable": (503, "the register does not answer", "try again shortly"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """One fault of what was sent."""

    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemDetails:
    """RFC 9457. `hint`: what to do; `errors`: what of the request doesn't fit, at
    most 20; `problems`, `clauses`: why the rules refuse."""

    type: str
    title: str
    status: int
    detail: str
    hint: str
    errors: tuple[Failing, ...] = ()
    problems: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


class Problem(Exception):
    """The answer instead of the one that was asked for."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        faults: tuple[Fault, ...] = (),
        refused: Refused | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.faults = faults
        self.refused = refused
        self.headers = headers or {}


def answer(problem: Problem) -> Response:
    status, title, hint = KINDS[problem.code]
    refused = problem.refused
    body: dict[str, canonical.Json] = {
        "type": f"urn:menshen:problem:{problem.code}",
        "title": title,
        "status": status,
        "detail": speakable(problem.detail or title),
        "hint": hint,
        "errors": [
            {"where": speakable(f.where), "what": f.what}
            for f in problem.faults[:MAX_FAULTS]
        ],
        "problems": [] if refused is None else [str(p) for p in refused.problems],
        "clauses": [] if refused is None else list(refused.clauses),
    }
    return Response(
        canonical.dumps(body), status, headers=problem.headers, media_type=_CONTENT
    )


def speakable(text: str) -> str:
    """Of what came in a request, only what UTF-8 can say."""
    return text.encode("utf-8", "replace").decode()
