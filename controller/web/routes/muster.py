"""The muster: who is inside, by zone, on the screen and on paper in one click."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.papers.fonts import Fonts
from controller.papers.muster_list import Listed, muster_list
from controller.services.muster_print import muster_to_print
from controller.services.visit_office import VisitOffice
from controller.web.console import Console
from controller.web.pages.muster import MusterGroup, MusterSheet, muster_sheet
from controller.web.papers import paper
from controller.web.preferences import settle
from controller.web.words import Words, words


def routes(console: Console) -> list[BaseRoute]:
    office = VisitOffice(console.office)

    async def muster(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        say = words(console.preferences(request).language)
        sheet = muster_sheet(
            await office.muster(), console.site, say, console.times(request)
        )
        return await console.page(request, "muster.html", {"sheet": sheet})

    async def printed(request: Request) -> Response:
        say = words(console.preferences(request).language)
        operator = console.operator(request)
        found = await muster_to_print(console.office, by=operator)
        sheet = muster_sheet(found, console.site, say, console.times(request))

        def make(fonts: Fonts) -> bytes:
            return muster_list(
                title=sheet.title,
                lines=_lines(sheet, say, operator.name),
                warning="" if sheet.reliable else sheet.verdict,
                head=(
                    say("muster.present"),
                    say("muster.who"),
                    say("muster.since"),
                    say("muster.remarks"),
                ),
                blocks=[_listed(group, say) for group in sheet.groups],
                end=say("muster.empty", zones=sheet.empty) if sheet.empty else "",
                language=say.language,
                at=found.at,
                fonts=fonts,
            )

        return await paper(console, request, f"muster-{found.at:%Y%m%d-%H%M}", make)

    return [Route("/muster", muster), Route("/muster.pdf", printed)]


def _lines(sheet: MusterSheet, say: Words, who: str) -> tuple[str, str]:
    figures = say("page.between").join(f"{word} {n}" for word, n in sheet.figures)
    return (
        say("muster.printed", site=sheet.site, at=sheet.at, who=who),
        figures,
    )


def _listed(group: MusterGroup, say: Words) -> Listed:
    parts = (group.name, group.level, say("muster.people", n=len(group.rows)))
    return Listed(
        heading=say("page.between").join(filter(None, parts)),
        notes=group.notes,
        rows=tuple(
            (
                f"{row.name} {row.id}",
                row.since,
                say("page.between").join(
                    filter(
                        None,
                        (
                            say("muster.visitor") if row.visitor else "",
                            row.whence,
                            row.doubt,
                        ),
                    )
                ),
            )
            for row in group.rows
        ),
    )
