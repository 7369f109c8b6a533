"""People from a file: choose it, look at what it would do, then do exactly that."""

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.people_file import MAX_BYTES, MAX_ROWS, FileFault, read
from controller.services.people_import import HEADS, ImportDesk, Plan
from controller.web.console import Console, see
from controller.web.preferences import settle
from controller.web.routes.people import speech_of
from controller.web.uploads import file_of
from controller.web.words import CHINESE
from domain.errors import InputError

_SHOWN: Final = 200  # errors, and people of each kind, on one page


def routes(console: Console) -> list[BaseRoute]:
    return _Import(console, ImportDesk(console.office)).routes()


class _Import:
    def __init__(self, console: Console, desk: ImportDesk) -> None:
        self._console = console
        self._desk = desk

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/people/import", self._choose),
            Route("/people/import", self._upload, methods=["POST"]),
            Route("/people/import/template.csv", self._template),
            Route("/people/import/{mark}", self._look),
            Route("/people/import/{mark}", self._apply, methods=["POST"]),
        ]

    async def _choose(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await self._form(request)

    async def _form(self, request: Request, fault: FileFault | None = None) -> Response:
        speech = speech_of(self._console, request)
        context = {
            "fault": fault,
            "heads": [(name, self._head(request, name)) for name in HEADS],
            "posts": speech.posts(),
            "rows": MAX_ROWS,
            "megabytes": MAX_BYTES // 1024 // 1024,
        }
        status = 422 if fault else 200
        return await self._console.page(
            request, "people_import.html", context, status=status
        )

    async def _upload(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "")
        data = file_of(kind, await request.body(), "file")
        if data is None:
            return await self._form(request, FileFault.EMPTY)
        rows = await asyncio.to_thread(read, data)
        if isinstance(rows, FileFault):
            return await self._form(request, rows)
        plan = await self._desk.dry_run(rows, data, self._console.operator(request))
        return see(f"/people/import/{plan.mark}")

    async def _template(self, request: Request) -> Response:
        """Only the heads, in the language of the page; the mark is for spreadsheets."""
        heads = ",".join(self._head(request, name) for name in HEADS)
        return Response(
            f"\ufeff{heads}\r\n".encode(),
            media_type="text/csv",
            headers={"content-disposition": 'attachment; filename="people.csv"'},
        )

    async def _look(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        mark, operator = request.path_params["mark"], self._console.operator(request)
        found = self._desk.kept(mark, operator)
        if found is None:
            raise InputError("no such dry run")
        plan, applied = found
        return await self._plan(request, plan, applied=applied)

    async def _apply(self, request: Request) -> Response:
        mark, operator = request.path_params["mark"], self._console.operator(request)
        done = await self._desk.apply(mark, operator)
        if done is None:
            raise InputError("no such dry run")
        if done.errors or done.mark != mark:
            return await self._plan(request, done, applied=False, stale=True)
        return see(f"/people/import/{mark}")

    async def _plan(
        self, request: Request, plan: Plan, *, applied: bool, stale: bool = False
    ) -> Response:
        operator = self._console.operator(request)
        receipts = await self._desk.receipts(plan.mark, operator) if applied else ()
        context = {
            "receipts": receipts,
            "outstanding": sum(each.confirmed_at is None for each in receipts),
            "here": request.url.path,
            "plan": plan,
            "applied": applied,
            "stale": stale,
            "shown": _SHOWN,
            "speech": speech_of(self._console, request),
            "heads": {name: self._head(request, name) for name in HEADS},
        }
        status = 409 if stale else 422 if plan.errors else 200
        return await self._console.page(
            request, "people_plan.html", context, status=status
        )

    def _head(self, request: Request, name: str) -> str:
        language = self._console.preferences(request).language
        return HEADS[name][language != CHINESE]
