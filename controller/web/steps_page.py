"""The page of the six steps: for one visitor, or for a whole group at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from controller.services.desk import DeskVisit
from controller.services.reception.declaration import MAX_LOCKER
from controller.web.forms import EMPTY, Form
from controller.web.pages import carried, party
from controller.web.pages.carried import DeviceRow
from controller.web.pages.desk import (
    DOCUMENTS,
    chosen,
    done_steps,
    free_locker,
    is_expected,
    next_step,
    to_do,
)
from controller.web.reception import Reception
from controller.web.words import CHINESE, LANGUAGES
from domain.ids import PersonId
from domain.visit_classes import CLASS_DEMANDS
from domain.visit_devices import DeviceKind
from domain.visit_problems import Refused, VisitProblem

EVERYBODY: Final = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a form. `bad`: the step whose fields are unusable; `step`: the one
    to look at; `lines`: the same for a group, by visitor."""

    refused: Refused | None = None
    bars: tuple[str, ...] = ()
    bad: str = ""
    step: int | None = None
    rows: tuple[DeviceRow, ...] | None = None
    lines: Mapping[PersonId, str] = field(default_factory=dict)

    @property
    def problems(self) -> tuple[VisitProblem, ...]:
        return self.refused.problems if self.refused else ()

    @property
    def status(self) -> int:
        if self.refused or self.bars:
            return 409
        return 422 if self.bad or self.lines else 200


NOTHING_DONE: Final = Outcome()


class StepsPage:
    def __init__(self, here: Reception) -> None:
        self._here = here

    async def show(
        self,
        request: Request,
        fields: Form | QueryParams,
        outcome: Outcome = NOTHING_DONE,
    ) -> Response:
        here = self._here
        visit = await here.visit(request)
        wanted = field_of(fields, "visitor")
        everybody = wanted in ("", EVERYBODY)
        group = everybody and len(visit.visitors) > 1
        who = None if group else chosen(visit, "" if everybody else wanted)
        present = present_in(fields) & {escort.id for escort in visit.escorts}
        lacking = to_do(visit, present, here.console.site.escorts.of(visit.kind))
        steps = done_steps(who, lacking)
        unready = group and any(each.missing for each in visit.visitors)
        form = fields if isinstance(fields, Form) else EMPTY
        speech = here.speech(request)
        taken = (await here.visits.desk()).lockers_taken
        context = {
            "address": f"/visits/{visit.visit}/check-in",
            "visit": visit,
            "who": who,
            "everybody": EVERYBODY,
            "lines": party.lines(visit, form) if group else {},
            "wrong": outcome.lines,
            "present": sorted(present),
            "expected": is_expected(visit),
            "lacks": speech.lacks(lacking),
            "problems": speech.lacks(
                outcome.refused.problems if outcome.refused else ()
            ),
            "bars": outcome.bars,
            "bad": outcome.bad,
            "steps": steps,
            "now": outcome.step or (0 if unready else next_step(steps)),
            "rows": outcome.rows
            if outcome.rows is not None
            else carried.declared(visit, who)
            if who
            else (),
            "typed": form,
            "kinds": tuple(DeviceKind),
            "documents": DOCUMENTS,
            "demands": CLASS_DEMANDS[visit.kind],
            "per_escort": here.console.site.escorts.of(visit.kind),
            "lockers_taken": taken,
            "free_locker": free_locker(taken),
            "max_locker": MAX_LOCKER,
            "witness": here.operator(request),
            "pool": [each for each in await here.pool.badges() if each.free],
            "photos": await here.photos.of(visit.visit),
            **await self._text(visit, field_of(fields, "text")),
        }
        return await here.page(
            request, "check_in.html", context, visit=visit, status=outcome.status
        )

    async def _text(self, visit: DeskVisit, wanted: str) -> dict[str, object]:
        """The undertaking in the language of the visitor, which isn't the guard's:
        the one asked for, else Chinese."""
        texts = await self._here.visits.texts(visit.undertaking)
        text = texts.get(wanted) or texts.get(CHINESE) or next(iter(texts.values()))
        return {
            "text": text,
            "languages": [one for one in LANGUAGES if one in texts],
        }


def present_in(fields: Form | QueryParams) -> frozenset[PersonId]:
    """The escorts who are said to stand at the desk."""
    every = fields.all("with") if isinstance(fields, Form) else fields.getlist("with")
    return frozenset(map(PersonId, every))


def field_of(fields: Form | QueryParams, name: str) -> str:
    return fields[name] if isinstance(fields, Form) else fields.get(name, "")
