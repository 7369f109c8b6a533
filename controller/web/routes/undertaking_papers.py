"""The paper of one visitor's undertaking: a copy for them, or for whoever checks.

A copy is made from the register at that moment, never kept, and each is in the log.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.papers.undertaking import undertaking_paper
from controller.services.rows import named
from controller.services.visit_office import VisitOffice
from controller.web.console import Console
from controller.web.pages.undertaking_paper import Signing, paper_text
from controller.web.papers import paper
from controller.web.preferences import known_language
from controller.web.words import CHINESE, words
from domain.ids import CONTROLLER, PersonId, VisitId
from domain.visit_events import UndertakingCopied


def routes(console: Console) -> list[BaseRoute]:
    visits = VisitOffice(console.office)

    async def copy(request: Request) -> Response:
        visit_id = VisitId(request.path_params["visit"])
        person = PersonId(request.path_params["person"])
        visit = await visits.visit(visit_id)
        who = next((v for v in visit.visitors if v.person.id == person), None)
        found = await visits.undertaking(visit_id, person)
        if who is None or found is None:
            raise HTTPException(404)
        signed, wording = found
        witness = signed.witness
        names = await console.office.database.read(
            lambda c: named(c, set() if witness is None else {witness})
        )
        signing = Signing(
            visit=visit,
            who=who,
            paper=signed,
            wording=wording,
            witness=None if witness is None else names.get(witness),
        )
        say = words(known_language(signed.language) or CHINESE)
        text = paper_text(signing, console.site, say)
        by = console.operator(request).id
        await console.office.act(
            lambda act: act.say(
                UndertakingCopied(
                    door=CONTROLLER, at=act.at, visit=visit_id, by=by, person=person
                )
            )
        )
        return await paper(
            console,
            request,
            "undertaking",
            lambda fonts: undertaking_paper(text, at=signed.at, fonts=fonts),
        )

    return [Route("/visits/{visit}/undertakings/{person}.pdf", copy)]
