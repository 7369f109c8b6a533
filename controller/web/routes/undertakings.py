"""The undertakings (保密承诺书): which wording is in force, since when, and before.

Guards and reviewers read them; the secrecy officer writes a new version, in every
language at once. What was signed before stays bound to its own wording.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from config.undertakings import LANGUAGES, shipped
from controller.services.undertakings import (
    MAX_BODY,
    MAX_TITLE,
    SHIPPED_BY,
    Wording,
    change_text_from,
)
from controller.services.visit_office import VisitOffice
from controller.store.visit_papers import UndertakingText
from controller.web.console import Console, see
from controller.web.forms import Form, form_of
from controller.web.preferences import settle
from controller.web.roles import WRITING
from domain.operators import OperatorId
from domain.visit_classes import CLASS_DEMANDS

_IDS: Final = tuple(dict.fromkeys(each.id for each in shipped()))


def routes(console: Console) -> list[BaseRoute]:
    office = VisitOffice(console.office)

    async def listed(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        language = console.preferences(request).language
        rows = [
            (
                (await office.texts(id_))[language],
                [kind for kind, d in CLASS_DEMANDS.items() if d.undertaking == id_],
            )
            for id_ in _IDS
        ]
        context = {
            "rows": rows,
            "names": await _names([text for text, _ in rows]),
            "times": console.times(request),
        }
        return await console.page(request, "undertakings.html", context)

    async def one(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await _page(request)

    async def change(request: Request) -> Response:
        id_ = _id(request)
        form = form_of(request)
        wordings = _wordings(form)
        problems = _problems(wordings)
        if not problems:
            try:
                based_on = int(form["version"])
            except ValueError:
                based_on = 0
            version = await change_text_from(
                console.office, id_, based_on, wordings, by=console.operator(request).id
            )
            if version is not None:
                return see(f"/undertakings/{id_}")
            problems = [("version", "changed_meanwhile")]
        return await _page(request, problems, wordings)

    async def _page(
        request: Request,
        problems: Sequence[tuple[str, str]] = (),
        typed: Mapping[str, Wording] | None = None,
    ) -> Response:
        id_ = _id(request)
        every = await office.every_text(id_)
        versions = {
            number: {text.language: text for text in texts}
            for number, texts in groupby(every, key=lambda t: t.version)
        }
        latest = max(versions)
        wanted = request.query_params.get("version", "")
        shown = int(wanted) if wanted.isascii() and wanted.isdecimal() else latest
        if shown not in versions:
            raise HTTPException(404)
        context = {
            "id": id_,
            "address": request.url.path,
            "versions": versions,
            "latest": latest,
            "shown": shown,
            "typed": typed or versions[latest],
            "problems": problems,
            "wrong": dict(problems),
            "languages": LANGUAGES,
            "language": console.preferences(request).language,
            "may_write": not console.operator(request).roles.isdisjoint(WRITING),
            "max_title": MAX_TITLE,
            "max_body": MAX_BODY,
            "names": await _names(every),
            "times": console.times(request),
        }
        status = 422 if problems else 200
        return await console.page(
            request, "undertaking_text.html", context, status=status
        )

    async def _names(texts: Sequence[UndertakingText]) -> dict[str, str]:
        """Who wrote them: accounts by the names of those whose they are; "" is us."""
        known = {o.id: o.name for o in await console.operators.all()}
        return {
            text.made_by: ""
            if text.made_by == SHIPPED_BY
            else known.get(OperatorId(text.made_by), text.made_by)
            for text in texts
        }

    return [
        Route("/undertakings", listed),
        Route("/undertakings/{text}", one),
        Route("/undertakings/{text}", change, methods=["POST"]),
    ]


def _id(request: Request) -> str:
    id_: str = request.path_params["text"]
    if id_ not in _IDS:
        raise HTTPException(404)
    return id_


def _wordings(form: Form) -> dict[str, Wording]:
    return {
        language: Wording(
            title=" ".join(form[f"title-{language}"].split()),
            body=form[f"body-{language}"].replace("\r\n", "\n").replace("\r", "\n"),
        )
        for language in LANGUAGES
    }


def _problems(wordings: Mapping[str, Wording]) -> list[tuple[str, str]]:
    """Field and what is wrong with it."""
    return [
        (f"{what}-{language}", "empty" if not text.strip() else "too_long")
        for language, wording in wordings.items()
        for what, text, most in (
            ("title", wording.title, MAX_TITLE),
            ("body", wording.body, MAX_BODY),
        )
        if not text.strip() or len(text) > most
    ]
