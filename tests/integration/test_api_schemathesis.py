"""The API against its own description: Schemathesis makes up requests, good and bad.

Whatever is sent, the answer is one that the description names, of the form it names,
and never the office's own failure; without a token, nothing at all. What it makes up
is the same at every run.

Not asked: that everything which fits the shapes is done (`positive_data_acceptance`),
since shapes don't know which zones, posts and people a site has.
"""

import asyncio
import copy
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from controller.web.api.table import ENDPOINTS
from tests.apis import VISIT, System, system
from tests.boards import SITE
from tests.tokens import bearing

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
BOUNDED: Final = settings(
    max_examples=6,  # for each address
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


KNOWN_VISIT: Final = "ERP-1"
PEOPLE: Final = sorted(SITE.people)


def knowing(document: dict[str, Any]) -> dict[str, Any]:
    """The same, for one who knows what this site has: requests then get further."""
    doors = sorted(SITE.doors)
    places = {
        "door": doors,
        "visit": [KNOWN_VISIT],
        "change": [1, 2, 3],
    }
    known = copy.deepcopy(document)
    for path, methods in known["paths"].items():
        # Whoever has left is not suspended any more.
        places["person"] = PEOPLE[:1] if path.endswith("/leave") else PEOPLE[1:2]
        for operation in methods.values():
            for each in operation["parameters"]:
                if each["name"] in places and each["in"] == "path":
                    each["schema"] = {"enum": places[each["name"]]}
    shapes = known["components"]["schemas"]
    shapes["PersonData"]["properties"]["post"] = {"enum": sorted(SITE.posts)}
    visit = shapes["VisitRequest"]["properties"]
    visit["requested_by"] = {"enum": PEOPLE}
    visit["escorts"]["items"] = {"enum": PEOPLE}
    visit["deputies"]["items"] = {"enum": PEOPLE}
    # A route to whom it leads: that of another department is refused.
    visit["route"]["items"] = {"enum": VISIT["route"]}
    visit["department"] = {"enum": [VISIT["department"]]}
    visit["since"] = {"enum": ["2026-11-24T09:00:00+08:00"]}
    visit["until"] = {"enum": ["2026-11-24T11:00:00+08:00"]}
    visit["id"] = {"type": "null"}
    return known


def try_all(
    document: dict[str, Any], address: str, token: str, *, mode: GenerationMode
) -> Counter[str]:
    """How many answers of which kind for each address; a check that fails raises."""
    answers: Counter[str] = Counter()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=address)
    schema.validate()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        @BOUNDED
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: "Case[Any]") -> None:
            answer = case.call_and_validate(
                headers=bearing(token) if token else {}, checks=CHECKS
            )
            label = f"{case.operation.method.upper()} {case.operation.path}"
            answers[f"{label} {answer.status_code // 100}xx"] += 1

        send()
    return answers


@asynccontextmanager
async def described() -> AsyncIterator[tuple[System, dict[str, Any]]]:
    """With a visit that there is, and somebody whom a system suspended."""
    async with system() as other:
        status, document = await other.ask("GET", "/openapi.json")
        assert status == 200
        made, _ = await other.ask("POST", "/visits", {**VISIT, "id": KNOWN_VISIT})
        suspended, _ = await other.ask("POST", f"/people/{PEOPLE[1]}/suspend")
        assert (made, suspended) == (201, 200)
        yield other, document


@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_no_request_makes_the_office_fail_or_answer_what_is_not_described(
    mode: GenerationMode,
) -> None:
    async with described() as (other, document):
        answers = await asyncio.to_thread(
            try_all, document, str(other.address), other.token, mode=mode
        )

    assert {key.rpartition(" ")[2] for key in answers} <= {"2xx", "4xx"}


async def test_every_address_does_what_it_is_for_when_asked_by_one_who_knows() -> None:
    async with described() as (other, document):
        answers = await asyncio.to_thread(
            try_all,
            knowing(document),
            str(other.address),
            other.token,
            mode=GenerationMode.POSITIVE,
        )

    done = {key.removesuffix(" 2xx") for key in answers if key.endswith(" 2xx")}
    wanted = {each.name for each in ENDPOINTS} - {"GET /api/v1/commands/{command}"}
    assert wanted - done == set()


async def test_without_a_token_nothing_made_up_is_answered() -> None:
    async with described() as (other, document):
        answers = await asyncio.to_thread(
            try_all,
            knowing(document),
            str(other.address),
            "",
            mode=GenerationMode.POSITIVE,
        )

    assert {key.rpartition(" ")[2] for key in answers} == {"4xx"}
