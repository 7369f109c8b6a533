"""Answers of the office in words, for the command line."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from config.locales import Words
from config.schema import Site
from controller.services.why import Why
from controller.store.register import StoredGrant, StoredPerson
from controller.store.sendings import Receipt
from domain.ids import DoorId, PersonId
from domain.policy import Verdict


def why_lines(why: Why, site: Site, words: Words) -> Iterator[str]:
    """The decision, then every finding with its code, words and clauses."""
    door = site.doors[why.door]
    name = door.name if words.language.startswith("zh") else door.name_en
    yield (
        f"{why.person} {why.name} -> {why.door} ({name}), "
        f"{_local(why.at, site.tz)}: {words.of(why.decision.outcome)}"
    )
    for finding in why.decision.findings:
        said = words.reason(finding.reason, finding.clauses)
        yield f"  {_MARKS[finding.verdict]} {finding.reason}: {said}"
    if why.decision.waiting_for:
        yield f"  … {words.awaited(why.decision.waiting_for)}"
    for note in _notes(why):
        yield f"  ({note})"
    if why.recorded is not None and why.recorded.outcome is not None:
        at = _local(why.recorded.at, site.tz)
        codes = ", ".join(f.reason for f in why.recorded.findings)
        yield f"  the door recorded at {at}: {words.of(why.recorded.outcome)} ({codes})"


def receipt_lines(receipts: Mapping[DoorId, Receipt], tz: tzinfo) -> Iterator[str]:
    """One line per door that a change concerns."""
    if not receipts:
        yield "no door is concerned"
    for door, receipt in sorted(receipts.items()):
        if receipt.confirmed_at is not None:
            yield f"{door}: confirmed at {_local(receipt.confirmed_at, tz)}"
        elif receipt.roster is not None:
            yield f"{door}: roster {receipt.roster} is issued, not confirmed yet"
        else:
            yield f"{door}: no roster issued yet"


def people_lines(
    people: Sequence[StoredPerson],
    grants: Mapping[PersonId, Sequence[StoredGrant]],
    words: Words,
) -> Iterator[str]:
    for person in people:
        live = [g for g in grants.get(person.id, ()) if g.withdrawal is None]
        zones = " ".join(sorted({g.grant.zone for g in live})) or "-"
        yield "\t".join(
            (person.id, person.name, person.post, words.of(person.state), zones)
        )


def _notes(why: Why) -> Iterator[str]:
    if not why.known:
        yield "the door's roster doesn't carry this person: to it they are nobody"
    if why.pending:
        yield "the door has not confirmed its latest roster; it may still know less"


def _local(at: datetime, tz: tzinfo) -> str:
    return at.astimezone(tz).strftime("%Y-%m-%d %H:%M:%S")


_MARKS = {
    Verdict.FORBID: "✗",
    Verdict.WAIT: "…",
    Verdict.ALARM: "!",
    Verdict.PERMIT: "✓",
    Verdict.NOTE: "·",
}
