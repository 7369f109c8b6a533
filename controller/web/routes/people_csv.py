"""The list of people as a file for spreadsheets: the same filter, the same columns."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.people_export import export
from controller.web.console import Console
from controller.web.routes.people import asked_of, speech_of
from controller.web.sheets import csv_of

_COLUMNS = ("id", "name", "post", "state_title", "ends_next")


def routes(console: Console) -> list[BaseRoute]:
    async def people(request: Request) -> Response:
        operator, speech = console.operator(request), speech_of(console, request)
        asked, wanted = asked_of(request, speech, sees=True)
        given = {name: value for name, value in asked.items() if value}
        found = await export(console.office, wanted, said=urlencode(given), by=operator)
        say = speech.say
        rows = [
            (say("people.csv.filter"), speech.filter(asked)),
            (say("people.csv.by"), operator.id, speech.at(found.at)),
            (say("people.csv.position"), str(found.position)),
            tuple(say(f"people.{column}") for column in _COLUMNS),
            *map(speech.row, found.people),
        ]
        name = f"people-{speech.today.isoformat()}.csv"
        return Response(
            csv_of(rows),
            media_type="text/csv",
            headers={
                "content-disposition": f'attachment; filename="{name}"',
                "cache-control": "no-store",
            },
        )

    return [Route("/people.csv", people)]
