"""Labels for the badges of visitors who are here, one or all of a visit."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.papers.badge_label import BadgeLabel, badge_labels
from controller.services.desk import DeskVisit, DeskVisitor
from controller.services.visit_office import VisitOffice
from controller.web.console import Console
from controller.web.pages.desk import DeskSpeech, is_leaving
from controller.web.papers import paper
from controller.web.words import CHINESE, LANGUAGES, Words, words
from domain.ids import VisitId


def routes(console: Console) -> list[BaseRoute]:
    visits = VisitOffice(console.office)

    async def all_(request: Request) -> Response:
        return await _labels(request, None)

    async def one(request: Request) -> Response:
        return await _labels(request, request.path_params["person"])

    async def _labels(request: Request, person: str | None) -> Response:
        """Of those who are here: nobody has a label before the badge or after."""
        visit = await visits.visit(VisitId(request.path_params["visit"]))
        here = [
            who
            for who in visit.visitors
            if is_leaving(who) and person in (None, who.person.id)
        ]
        if not here:
            raise HTTPException(404)
        say = words(console.preferences(request).language)
        speech = DeskSpeech(say, console.times(request), console.site)
        labels = [_label(visit, who, speech) for who in here]
        at = console.clock.now()
        return await paper(
            console,
            request,
            "visitor-label",
            lambda fonts: badge_labels(
                labels,
                title=say("label.title", visit=visit.visit),
                language=say.language,
                at=at,
                fonts=fonts,
            ),
        )

    return [
        Route("/visits/{visit}/labels.pdf", all_),
        Route("/visits/{visit}/visitors/{person}/label.pdf", one),
    ]


def _label(visit: DeskVisit, who: DeskVisitor, speech: DeskSpeech) -> BadgeLabel:
    say: Words = speech.say
    second = words(next(each for each in LANGUAGES if each != say.language))
    comma = "、" if say.language == CHINESE else ", "
    until = visit.until.astimezone(speech.site.tz)
    return BadgeLabel(
        banner=(say("label.visitor"), second("label.visitor")),
        name=say.of(who.person),
        organisation=who.organisation,
        facts=(
            (say("label.kind"), say.code("visit.class", visit.kind)),
            (say("label.escort"), comma.join(say.of(e) for e in visit.escorts)),
            (say("label.zones"), comma.join(map(speech.zone, visit.route))),
        ),
        until_word=say("label.until"),
        until=f"{until:%m-%d %H:%M}",
        foot=say("label.foot"),
        code=f"{visit.visit} · {who.person.id}",
    )
