"""From a request to a handler and back: scope, form, shape, and what may go wrong.

In that order: may the token, is it JSON, does it fit. Nothing that a request holds can
make the answer worse than a problem that names it.
"""

from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from controller.services.tokens import TooManyRefusals
from controller.web.api.call import Call, Endpoint
from controller.web.api.gate import token_of, too_many
from controller.web.api.problems import Problem, answer
from controller.web.api.shapes import Fault, fields_of, is_number, read
from controller.web.console import Console
from controller.web.forms import read_body
from domain.errors import (
    InputError,
    MessageMalformed,
    StorageError,
    ValueUnstorable,
)
from wire import canonical
from wire.canonical import Json
from wire.codec import encode

_JSON: Final = "application/json"
_MANY_DIGITS: Final = 18


class Served:
    """The handlers of a table, ready to be asked."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def ask(self, request: Request, endpoint: Endpoint) -> Response:
        try:
            return await self._ask(request, endpoint)
        except Problem as problem:
            return answer(problem)
        except (InputError, ValueUnstorable) as error:
            return answer(Problem("invalid", str(error)))
        except StorageError:
            return answer(Problem("unavailable"))

    async def _ask(self, request: Request, endpoint: Endpoint) -> Response:
        token = token_of(request.scope)
        if endpoint.scope is not None and endpoint.scope not in token.scopes:
            try:
                await self._console.tokens.lacks_scope(token, endpoint.name)
            except TooManyRefusals:
                raise too_many() from None
            raise Problem("scope", f"it needs the scope `{endpoint.scope}`")
        json = await _body(request, endpoint)
        faults: list[Fault] = []
        path = {
            name: _place(tp, request.path_params[name], f"path.{name}", faults)
            for name, tp in endpoint.places.items()
        }
        query = _query(endpoint.query, request, faults)
        body = None
        if endpoint.takes is not None:
            body = read(endpoint.takes, json, "body", faults)
        elif json:
            faults.append(Fault("body", "is not wanted here"))
        if faults:
            raise Problem("invalid", faults=tuple(faults))
        call = Call(
            office=self._console.office,
            source=self._console.source,
            token=token,
            path=path,
            query=query,
            body=body,
        )
        found = await endpoint.handler(call)
        return Response(
            canonical.dumps(encode(found)), endpoint.status, media_type=_JSON
        )


async def _body(request: Request, endpoint: Endpoint) -> Json:
    """What was sent; nothing sent is an empty object."""
    data = await read_body(request.receive, endpoint.max_body)
    if data is None:
        raise Problem("too_large", f"a body has at most {endpoint.max_body} bytes here")
    if not data:
        return {}
    if not _is_json(request.headers):
        raise Problem("media_type")
    try:
        return canonical.loads(data, "body")
    except MessageMalformed as error:
        raise Problem("malformed", str(error)) from None


def _is_json(headers: Headers) -> bool:
    kind, *parameters = headers.get("content-type", "").lower().split(";")
    names = {each.strip().replace('"', "") for each in parameters}
    return kind.strip() == _JSON and names <= {"charset=utf-8", ""}


def _query(cls: type | None, request: Request, faults: list[Fault]) -> object:
    """The parameters, each once; of numbers, the digits are read."""
    given: dict[str, Json] = {}
    for name, text in request.query_params.multi_items():
        if name in given:
            faults.append(Fault(f"query.{name[:64]}", "is there twice"))
        given[name] = text
    if cls is None:
        faults += [Fault(f"query.{n[:64]}", "is not known here") for n in given]
        return None
    types = {each.name: each.type for each in fields_of(cls)}
    read_ = {n: _digits(types.get(n), text) for n, text in given.items()}
    return read(cls, read_, "query", faults)


def _place(tp: Any, text: str, where: str, faults: list[Fault]) -> Any:  # noqa: ANN401
    return read(tp, _digits(tp, text), where, faults)


def _digits(tp: Any, text: Json) -> Json:  # noqa: ANN401
    """A number written as text, where one is wanted; else what it is."""
    if is_number(tp) and isinstance(text, str) and text.isascii() and text.isdecimal():
        return int(text) if len(text) <= _MANY_DIGITS else -1
    return text
