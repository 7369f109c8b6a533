"""The description of the API, OpenAPI 3.1, made of its table and nothing else."""

import re
from typing import Any, Final

from controller.web.api.call import Endpoint
from controller.web.api.problems import KINDS, ProblemDetails
from controller.web.api.shapes import Schema, fields_of, schema_of

VERSION: Final = "1.0.0"
_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
# What any address may answer; the others of `KINDS` where they can happen.
_ALWAYS: Final = ("malformed", "no_token", "bad_token", "scope", "too_many")
_UNSURE: Final = ("method", "too_large", "media_type", "invalid", "unavailable")


def description(endpoints: tuple[Endpoint, ...]) -> Schema:
    named: dict[str, Schema] = {}
    problem = schema_of(ProblemDetails, named)
    paths: dict[str, Schema] = {}
    for each in endpoints:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, named)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Menshen",
            "version": VERSION,
            "description": "What other systems read and ask for. No token approves"
            " anything, opens a door or takes up an alarm: those need a person.",
        },
        "paths": paths,
        "components": {
            "schemas": named,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
            },
            "responses": {
                code: {
                    "description": f"{title}: {hint}",
                    "content": {_PROBLEM: {"schema": problem}},
                }
                for code, (_, title, hint) in KINDS.items()
            },
        },
    }


def _operation(each: Endpoint, named: dict[str, Schema]) -> Schema:
    operation: Schema = {
        "operationId": _name(each),
        "summary": each.summary,
        "security": [{"token": [] if each.scope is None else [str(each.scope)]}],
        "parameters": [*_places(each, named), *_query(each, named)],
        "responses": _responses(each, named),
    }
    if each.takes is not None:
        needed = any(f.needed for f in fields_of(each.takes))
        operation["requestBody"] = {
            "required": needed,
            "content": {_JSON: {"schema": schema_of(each.takes, named)}},
        }
    return operation


def _name(each: Endpoint) -> str:
    words = re.findall(r"[a-z]+", each.path.partition("/api/v1/")[2])
    return "_".join((each.method.lower(), *words))


def _places(each: Endpoint, named: dict[str, Schema]) -> list[Schema]:
    return [
        {"name": name, "in": "path", "required": True, "schema": schema_of(tp, named)}
        for name, tp in each.places.items()
    ]


def _query(each: Endpoint, named: dict[str, Schema]) -> list[Schema]:
    if each.query is None:
        return []
    return [
        {
            "name": field.name,
            "in": "query",
            "required": False,
            "schema": _not_null(schema_of(field.type, named)),
        }
        for field in fields_of(each.query)
    ]


def _not_null(schema: Schema) -> Any:  # noqa: ANN401  a schema
    """A parameter that is absent is null; one that is there never is."""
    return schema["anyOf"][0] if "anyOf" in schema else schema


def _responses(each: Endpoint, named: dict[str, Schema]) -> Schema:
    good = {
        "description": each.summary,
        "content": {_JSON: {"schema": schema_of(each.gives, named)}},
    }
    missing = ("not_found",) if each.places else ()
    by_status: Schema = {str(each.status): good}
    for code in (*_ALWAYS, *missing, *each.refuses, *_UNSURE):
        status = str(KINDS[code][0])
        by_status.setdefault(status, {"$ref": f"#/components/responses/{code}"})
    return by_status
