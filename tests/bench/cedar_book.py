"""The rules of the house for Cedar: one policy per rule that can change an outcome.

Written as Cedar's guides advise for speed: policies and entities parsed once, no
schema, contexts as ready JSON. A grant is a tag of its person, by zone, and the
hours of a weekday are a tag of their schedule, since Cedar cannot loop. What the local
day, minute and weekday are is worked out beforehand and costs Cedar nothing.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import cedarpy

from domain.credentials import Factor
from domain.people import RANK_ORDER, Grant, Person, Qualifications
from domain.policy import Facts, Presence, Request
from domain.schedule import Schedule
from domain.zones import LEVEL_DEMANDS, NON_FACE_FACTORS, WhenExpired, Zone, ZoneLevel
from tests.bench.company import NO_END, TZ, Case, Company

_OPEN: Final = """
    (if {s}.holidays.contains(context.day)
     then {s}.holidayOpens <= context.minute && context.minute < {s}.holidayCloses
     else {s}.hasTag(context.weekday)
          && {s}.getTag(context.weekday).opens <= context.minute
          && context.minute < {s}.getTag(context.weekday).closes)
"""
_HAS: Final = "principal.hasTag(resource.id)"
_GRANT: Final = "principal.getTag(resource.id)"
_BEGUN: Final = f"{_GRANT}.since <= context.at"
_LASTS: Final = f"context.at < {_GRANT}.until"
_RANKED: Final = f"{_GRANT}.rank >= resource.rank"
_HOURS: Final = (
    f"(!{_GRANT}.scheduled || {_OPEN.format(s=f'{_GRANT}.schedule').strip()})"
)
_GOOD: Final = f"({_HAS} && {_BEGUN} && {_LASTS} && {_RANKED} && {_HOURS})"
_POST: Final = (
    '(resource.level == "general" && principal.state == "active"'
    " && resource.posts.contains(principal.post))"
)
_NEEDS: Final = (
    "(principal.known && resource.ranked && !principal.withdrawn"
    f" && !{_GOOD} && !{_POST})"
)
_QUALIFIED: Final = "principal.known && resource.qualified"

_PERMITS: Final = {
    "grant.core": f'resource.level == "core" && {_GOOD}',
    "grant.important": f'resource.level == "important" && {_GOOD}',
    "grant.general": f'resource.level == "general" && {_GOOD}',
    "post.general": _POST,
    "person.employed": (
        'resource.level == "non_secret" && context.named && principal.known'
    ),
}
# Refuse, or wait: neither opens the door.
_FORBIDS: Final = {
    "credential.unknown": "context.unknown",
    "attempt.mismatch": "context.mismatch",
    "person.left": 'principal.state == "left"',
    "person.suspended": 'principal.state == "suspended"',
    "person.de_secrecy": 'principal.state == "de_secrecy" && resource.secret',
    "person.de_secrecy_general": (
        'principal.state == "de_secrecy" && resource.level == "general"'
    ),
    "person.withdrawn": "principal.withdrawn",
    "zone.closed": f"resource.scheduled && !{_OPEN.format(s='resource.schedule')}",
    "agreement.lapsed": f"{_QUALIFIED} && principal.agreement < context.day",
    "commitment.lapsed": f"{_QUALIFIED} && principal.commitment < context.day",
    "training.lapsed": f"{_QUALIFIED} && principal.training < context.day",
    "factors.incomplete": (
        "!(if resource.wantsFace && principal.known"
        " && (principal.nonFace || !context.faceAvailable)"
        " then context.factors.containsAll(resource.nonFaceFactors)"
        " else context.factors.containsAll(resource.factors))"
    ),
    "devices.undeclared": 'resource.level == "core" && !context.declared',
    "two_person.waiting": "resource.twoPerson && !context.partner",
    "zone.passback": "resource.antiPassback && context.inside",
    "door.lockdown": "context.lockdown",
    "door.interlock": "context.interlocked",
    "clock.untrusted": "!context.clockTrusted",
    "roster.expired": "context.rosterExpired && resource.endsWithRoster",
    "journal.unavailable": "!context.journalWritable",
    "credential.blocked": "context.blocked",
    "reader.delayed": "context.delayed && context.unknown",
    "internal": "context.internalFault",
}
# These only say why nothing permits; leaving them out changes no outcome.
_EXPLANATIONS: Final = {
    "grant.missing": f"{_NEEDS} && !{_HAS}",
    "grant.expired": f"{_NEEDS} && {_HAS} && {_BEGUN} && !({_LASTS})",
    "grant.not_yet": f"{_NEEDS} && {_HAS} && !({_BEGUN})",
    "grant.outside_hours": (
        f"{_NEEDS} && {_HAS} && {_BEGUN} && {_LASTS} && {_RANKED} && !{_HOURS}"
    ),
    "grant.rank_core": (
        f'resource.level == "core" && {_NEEDS} && {_HAS} && {_BEGUN} && {_LASTS}'
        f" && !({_RANKED})"
    ),
    "grant.rank_important": (
        f'resource.level == "important" && {_NEEDS} && {_HAS} && {_BEGUN} && {_LASTS}'
        f" && !({_RANKED})"
    ),
    "post.not_listed": f'resource.level == "general" && {_NEEDS}',
}
FORBIDDING: Final = frozenset(_FORBIDS) | frozenset(_EXPLANATIONS)
WAITING: Final = frozenset(
    {"factors.incomplete", "devices.undeclared", "two_person.waiting"}
)


def policies(*, explain: bool) -> cedarpy.PolicySet:
    """All rules; without `explain`, only those that decide."""
    forbids = {**_FORBIDS, **(_EXPLANATIONS if explain else {})}
    text = [_policy("permit", i, when) for i, when in _PERMITS.items()]
    text += [_policy("forbid", i, when) for i, when in forbids.items()]
    return cedarpy.PolicySet.from_str("\n".join(text))


def entities(of: Company) -> cedarpy.Entities:
    everything = [
        _NOBODY,
        *map(_person, of.people.values()),
        *map(_zone, of.zones.values()),
        *map(_schedule, of.schedules.values()),
    ]
    return cedarpy.Entities.from_json_str(json.dumps(everything))


def request(case: Case) -> dict[str, Any]:
    person = case.facts.person
    return {
        "principal": f'Person::"{person.id if person else "nobody"}"',
        "action": 'Action::"enter"',
        "resource": f'Zone::"{case.facts.zone.id}"',
        "context": json.dumps(_context(case.request, case.facts)),
    }


def reasons(result: cedarpy.AuthzResult) -> frozenset[str]:
    """Which policies decided."""
    names: Mapping[str, str] = result.diagnostics.id_annotations_by_reason
    return frozenset(names.values())


def _policy(effect: str, name: str, when: str) -> str:
    return f'@id("{name}") {effect}(principal, action, resource) when {{ {when} }};'


def _context(request: Request, facts: Facts) -> dict[str, Any]:
    local = request.at.astimezone(TZ)
    return {
        "at": _seconds(request.at),
        "day": local.date().toordinal(),
        "minute": local.hour * 60 + local.minute,
        "weekday": str(local.weekday()),
        "named": request.person is not None,
        "factors": sorted(request.factors),
        "unknown": request.unknown,
        "mismatch": request.mismatch,
        "declared": request.declaration is not None,
        "partner": request.partner is not None,
        "inside": facts.presence is Presence.INSIDE,
        "faceAvailable": facts.face_available,
        "lockdown": facts.lockdown,
        "interlocked": facts.interlocked,
        "clockTrusted": facts.clock_trusted,
        "rosterExpired": facts.roster_expired,
        "journalWritable": facts.journal_writable,
        "blocked": facts.blocked,
        "delayed": facts.delayed,
        "internalFault": facts.internal_fault,
    }


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


_NOBODY: Final = {
    "uid": _uid("Person", "nobody"),
    "attrs": {
        "known": False,
        "state": "unknown",
        "post": "",
        "withdrawn": False,
        "nonFace": False,
        **dict.fromkeys(("agreement", "commitment", "training"), 0),
    },
    "parents": [],
}


def _person(person: Person) -> dict[str, Any]:
    return {
        "uid": _uid("Person", person.id),
        "attrs": {
            "known": True,
            "state": person.state,
            "post": person.post,
            "withdrawn": person.withdrawn is not None,
            "nonFace": person.non_face,
            **_qualifications(person.qualifications),
        },
        "parents": [],
        "tags": {g.zone: _grant(g) for g in person.grants},
    }


def _qualifications(q: Qualifications) -> dict[str, int]:
    dates = {
        "agreement": q.agreement_until,
        "commitment": q.commitment_until,
        "training": q.training_until,
    }
    return {name: d.toordinal() if d else 0 for name, d in dates.items()}


def _grant(grant: Grant) -> dict[str, Any]:
    schedule = {"__entity": _uid("Schedule", grant.schedule or "hours_0")}
    return {
        "since": _seconds(grant.since),
        "until": _seconds(grant.until or NO_END),
        "rank": RANK_ORDER.index(grant.rank),
        "scheduled": grant.schedule is not None,
        "schedule": schedule,
    }


def _zone(zone: Zone) -> dict[str, Any]:
    demands = LEVEL_DEMANDS[zone.level]
    factors = {*demands.factors, *((Factor.BADGE,) if zone.two_person else ())}
    return {
        "uid": _uid("Zone", zone.id),
        "attrs": {
            "id": zone.id,
            "level": zone.level,
            "secret": zone.level in (ZoneLevel.CORE, ZoneLevel.IMPORTANT),
            "ranked": demands.rank is not None,
            "rank": RANK_ORDER.index(demands.rank) if demands.rank else 0,
            "qualified": demands.qualified,
            "factors": sorted(factors),
            "nonFaceFactors": sorted({*NON_FACE_FACTORS, *factors} - {Factor.FACE}),
            "wantsFace": Factor.FACE in factors,
            "posts": sorted(zone.posts),
            "twoPerson": zone.two_person,
            "antiPassback": zone.anti_passback,
            "scheduled": zone.schedule is not None,
            "schedule": {"__entity": _uid("Schedule", zone.schedule or "hours_0")},
            "endsWithRoster": zone.level is ZoneLevel.CORE
            or zone.roster_expired is WhenExpired.REFUSE,
        },
        "parents": [],
    }


def _schedule(schedule: Schedule) -> dict[str, Any]:
    days: Sequence[Any] = schedule.windows
    on_holidays = schedule.holiday_windows
    return {
        "uid": _uid("Schedule", schedule.id),
        "attrs": {
            "holidays": sorted(d.toordinal() for d in schedule.holidays),
            "holidayOpens": on_holidays[0].opens if on_holidays else 0,
            "holidayCloses": on_holidays[0].closes if on_holidays else 0,
        },
        "parents": [],
        "tags": {str(w.weekday): {"opens": w.opens, "closes": w.closes} for w in days},
    }
