"""Lines of the stream about what operators do about people."""

from typing import assert_never

from controller.web.pages.lines.said import Names, Said
from domain.person_acts import (
    FreezeProposalSettled,
    FreezeProposed,
    MusterPrinted,
    PeopleExported,
    PersonAct,
    PersonViewed,
)


def person_line(event: PersonAct, who: str, names: Names) -> Said:
    say = names.say
    match event:
        case PersonViewed():
            text = say("board.event.person_viewed", by=event.by, who=who)
            return Said(text, "person", minor=True)
        case MusterPrinted():
            text = say("board.event.muster_printed", by=event.by, n=event.inside)
            return Said(text, "sheet", minor=True)
        case PeopleExported():
            n = event.people
            text = say("board.event.people_exported", by=event.by, n=n)
            return Said(text, "down")
        # Whom it is about is read where it is decided, not beside a gate.
        case FreezeProposed():
            return Said(say("board.event.freeze_proposed", by=event.by), "hold")
        case FreezeProposalSettled():
            outcome = say.code("board.proposal", event.outcome)
            text = say("board.event.freeze_settled", by=event.by, outcome=outcome)
            return Said(text, "hold")
        case _:
            assert_never(event)
