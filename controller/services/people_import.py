"""Many people at once, from a file: first told, then done exactly as told.

A dry run names every error by line and column, and says who would be registered, what
would change and what stays. Only one without errors can be applied, and only while the
register still is as it was: its mark covers file and register, and is compared inside
the transaction that applies it. An import neither changes a state nor transfers: those
are acts of their own, with receipts. An empty cell leaves what is known.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from config.schema import PersonSpec
from controller.services.office import Act, Office
from controller.services.people import change_in, register_in
from controller.services.people_acts import LONGEST, DoorReceipt, door_receipt
from controller.services.people_file import MAX_CELL, Row
from controller.store import doors, register, sendings
from controller.store.register import StoredPerson
from controller.store.sendings import ChangeId
from domain.ids import PersonId, is_visitor
from domain.operators import Operator, OperatorId
from domain.people import PersonState, Post, Qualifications

KEPT: Final = timedelta(minutes=30)
IMPORT: Final = "import"  # a change, as the register calls it
_MOST: Final = 20
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
# What a column may be called, first as our own template has it.
HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("工号", "Number", "id", "编号"),
    "name": ("姓名", "Name"),
    "name_en": ("英文名", "English name", "name_en", "拼音"),
    "post": ("岗位", "Post"),
    "agreement_until": ("保密协议至", "Agreement until", "agreement_until"),
    "commitment_until": ("年度保密承诺至", "Commitment until", "commitment_until"),
    "training_until": ("保密培训考核至", "Training until", "training_until"),
}
_CALLED: Final = {
    said.casefold(): column for column, ways in HEADS.items() for said in ways
}
_DAYS: Final = ("agreement_until", "commitment_until", "training_until")


class LineProblem(StrEnum):
    UNKNOWN_COLUMN = "unknown_column"
    DOUBLE_COLUMN = "double_column"
    NO_ID_COLUMN = "no_id_column"
    TOO_MANY_CELLS = "too_many_cells"
    BAD_ID = "bad_id"
    VISITOR_ID = "visitor_id"
    DOUBLE_ID = "double_id"
    NO_NAME = "no_name"
    NO_POST = "no_post"
    UNKNOWN_POST = "unknown_post"
    OTHER_POST = "other_post"
    BAD_DAY = "bad_day"
    BAD_TEXT = "bad_text"
    HAS_LEFT = "has_left"
    CONCERNS_SELF = "concerns_self"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineError:
    """`column`: as the file calls it; `value`: what stands there, shortened."""

    line: int
    column: str
    problem: LineProblem
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """`what`: the column, before, after."""

    line: int
    known: StoredPerson
    fresh: StoredPerson
    what: tuple[tuple[str, object, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an import would do. `mark` names file and register together."""

    mark: str
    errors: tuple[LineError, ...]
    added: tuple[tuple[int, PersonSpec], ...]
    changed: tuple[Changed, ...]
    unchanged: int


@dataclass(slots=True, kw_only=True)
class _Kept:
    operator: OperatorId
    rows: tuple[Row, ...]
    digest: bytes
    at: datetime
    plan: Plan
    applied: bool = False
    changes: tuple[ChangeId, ...] = ()


class ImportDesk:
    """Dry runs are kept in memory for half an hour, for who made them."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def dry_run(self, rows: tuple[Row, ...], data: bytes, by: Operator) -> Plan:
        digest = hashlib.sha256(data).digest()
        plan = await self._office.database.read(
            lambda c: self._plan(c, rows, digest, by)
        )
        self._keep(rows, digest, plan, by)
        return plan

    def kept(self, mark: str, by: Operator) -> tuple[Plan, bool] | None:
        """A dry run that this operator made, and whether it was applied since."""
        found = self._kept.get(mark)
        if found is None or found.operator != by.id:
            return None
        if self._office.clock.now() - found.at >= KEPT:
            return None
        return found.plan, found.applied

    async def apply(self, mark: str, by: Operator) -> Plan | None:
        """What was done, under the same mark; under another, what would have to be
        looked at first, and nothing was done. None: no such dry run.
        """
        found = self._kept.get(mark)
        if found is None or self.kept(mark, by) is None or found.applied:
            return None

        def work(act: Act) -> tuple[Plan, tuple[ChangeId, ...]]:
            changes: list[ChangeId] = []
            plan = self._plan(act.connection, found.rows, found.digest, by)
            if plan.mark == mark and not plan.errors:
                for _, spec in plan.added:
                    heard = set(register_in(act, self._office, spec, by=by.id))
                    changes.append(act.change(IMPORT, spec.id, by=by.id, doors=heard))
                for each in plan.changed:
                    known = each.known
                    heard = change_in(act, self._office, known, each.fresh, by=by.id)
                    changes.append(act.change(IMPORT, known.id, by=by.id, doors=heard))
            return plan, tuple(changes)

        plan, changes = await self._office.act(work)
        if plan.mark != mark:
            self._keep(found.rows, found.digest, plan, by)
        elif not plan.errors:
            found.applied, found.changes = True, changes
        return plan

    async def receipts(self, mark: str, by: Operator) -> tuple[DoorReceipt, ...]:
        """Of an import that was applied: each door that hears of it, those that have
        not answered first."""
        found = self._kept.get(mark)
        if found is None or self.kept(mark, by) is None or not found.changes:
            return ()
        first, last = found.changes[0], found.changes[-1]

        def work(connection: Connection) -> tuple[DoorReceipt, ...]:
            told = sendings.receipts_of_many(connection, IMPORT, first, last)
            rows = doors.rows(connection)
            listed = [
                door_receipt(connection, rows, door, at) for door, at in told.items()
            ]
            return tuple(sorted(listed, key=lambda d: d.confirmed_at is not None))

        return await self._office.database.read(work)

    def _keep(
        self, rows: tuple[Row, ...], digest: bytes, plan: Plan, by: Operator
    ) -> None:
        self._kept[plan.mark] = _Kept(
            operator=by.id,
            rows=rows,
            digest=digest,
            at=self._office.clock.now(),
            plan=plan,
        )
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def _plan(
        self, connection: Connection, rows: Sequence[Row], digest: bytes, by: Operator
    ) -> Plan:
        known = {each.id: each for each in register.people(connection)}
        reading = _Reading(
            known=known,
            posts=self._office.site.posts,
            latest=self._office.clock.now().date() + LONGEST,
            by=by,
        )
        reading.read(rows)
        concerned = sorted(reading.seen & known.keys())
        mark = hashlib.sha256(digest + by.id.encode())
        mark.update(repr([known[id_] for id_ in concerned]).encode())
        mark.update(repr(sorted(reading.seen)).encode())
        return Plan(
            mark=mark.hexdigest(),
            errors=tuple(sorted(reading.errors, key=lambda e: e.line)),
            added=tuple(reading.added),
            changed=tuple(reading.changed),
            unchanged=reading.unchanged,
        )


class _Reading:
    """One look at the rows, against the register as it is."""

    def __init__(
        self,
        *,
        known: Mapping[PersonId, StoredPerson],
        posts: Mapping[Post, tuple[str, str]],
        latest: date,
        by: Operator,
    ) -> None:
        self._known = known
        self._latest = latest
        self._by = by
        self._posts: dict[str, Post] = {}
        for post, names in posts.items():
            for said in (post, *names):
                self._posts[said.casefold()] = post
        self._heads: dict[str, str] = {}  # column -> as the file calls it
        self.seen: set[PersonId] = set()
        self.errors: list[LineError] = []
        self.added: list[tuple[int, PersonSpec]] = []
        self.changed: list[Changed] = []
        self.unchanged = 0

    def read(self, rows: Sequence[Row]) -> None:
        head, *rest = rows
        columns = self._columns(head)
        if "id" not in columns:
            self._wrong(head.line, "id", LineProblem.NO_ID_COLUMN, "")
        if self.errors:
            return
        for row in rest:
            before = len(self.errors)
            if len(row.cells) > len(columns):
                extra = row.cells[len(columns)]
                self._wrong(row.line, "", LineProblem.TOO_MANY_CELLS, extra)
            cells = dict(zip(columns, row.cells, strict=False))
            self._text(row.line, cells)
            if len(self.errors) == before:
                self._person(row.line, cells)

    def _columns(self, head: Row) -> list[str]:
        found: list[str] = []
        for said in head.cells:
            column = _CALLED.get(said.casefold(), "")
            if not column:
                self._wrong(head.line, said, LineProblem.UNKNOWN_COLUMN, said)
            elif column in found:
                self._wrong(head.line, said, LineProblem.DOUBLE_COLUMN, said)
            found.append(column)
            self._heads.setdefault(column, said)
        return found

    def _text(self, line: int, cells: Mapping[str, str]) -> None:
        for column, value in cells.items():
            if len(value) > MAX_CELL or not value.isprintable():
                self._wrong(line, column, LineProblem.BAD_TEXT, value)

    def _person(self, line: int, cells: Mapping[str, str]) -> None:
        id_ = PersonId(cells.get("id", ""))
        if problem := self._id_problem(id_):
            self._wrong(line, "id", problem, id_)
            return
        self.seen.add(id_)
        known, before = self._known.get(id_), len(self.errors)
        days = {name: self._day(line, name, cells) for name in _DAYS}
        post = self._post(line, cells.get("post", ""), known)
        if known is None and not cells.get("name"):
            self._wrong(line, "name", LineProblem.NO_NAME, "")
        if len(self.errors) > before:
            return
        if known is None:
            self.added.append((line, _spec(id_, cells, post, days)))
        else:
            self._compare(line, known, cells, days)

    def _id_problem(self, id_: PersonId) -> LineProblem | None:
        if _ID.fullmatch(id_) is None:
            return LineProblem.BAD_ID
        if is_visitor(id_):
            return LineProblem.VISITOR_ID
        return LineProblem.DOUBLE_ID if id_ in self.seen else None

    def _day(self, line: int, column: str, cells: Mapping[str, str]) -> date | None:
        said = cells.get(column, "")
        if not said:
            return None
        parts = _DAY.fullmatch(said)
        try:
            day = None if parts is None else date(*map(int, parts.groups()))
        except ValueError:
            day = None
        if day is None or day > self._latest:
            self._wrong(line, column, LineProblem.BAD_DAY, said)
        return day

    def _post(self, line: int, said: str, known: StoredPerson | None) -> Post:
        """A post that somebody known has already is changed by a transfer only."""
        post = self._posts.get(said.casefold())
        if not said and known is None:
            self._wrong(line, "post", LineProblem.NO_POST, "")
        elif said and post is None and (known is None or said != known.post):
            self._wrong(line, "post", LineProblem.UNKNOWN_POST, said)
        elif post is not None and known is not None and post != known.post:
            self._wrong(line, "post", LineProblem.OTHER_POST, said)
        return post or Post("")

    def _compare(
        self,
        line: int,
        known: StoredPerson,
        cells: Mapping[str, str],
        days: Mapping[str, date | None],
    ) -> None:
        given = {name: day for name, day in days.items() if day is not None}
        fresh = replace(
            known,
            name=cells.get("name") or known.name,
            name_en=cells.get("name_en") or known.name_en,
            qualifications=replace(known.qualifications, **given),
        )
        if fresh == known:
            self.unchanged += 1
        elif known.state is PersonState.LEFT:
            self._wrong(line, "id", LineProblem.HAS_LEFT, known.id)
        elif self._by.is_one_of([known.id]):
            self._wrong(line, "id", LineProblem.CONCERNS_SELF, known.id)
        else:
            self.changed.append(
                Changed(line=line, known=known, fresh=fresh, what=_what(known, fresh))
            )

    def _wrong(self, line: int, column: str, problem: LineProblem, value: str) -> None:
        said = self._heads.get(column, column)
        self.errors.append(
            LineError(line=line, column=said[:40], problem=problem, value=value[:40])
        )


def _spec(
    id_: PersonId, cells: Mapping[str, str], post: Post, days: Mapping[str, date | None]
) -> PersonSpec:
    return PersonSpec(
        id=id_,
        name=cells["name"],
        name_en=cells.get("name_en", ""),
        post=post,
        state=PersonState.ACTIVE,
        agreement_until=days["agreement_until"],
        commitment_until=days["commitment_until"],
        training_until=days["training_until"],
        grants=(),
        non_face=False,
        devices="none",
        face=None,
    )


def _what(
    known: StoredPerson, fresh: StoredPerson
) -> tuple[tuple[str, object, object], ...]:
    def of(person: StoredPerson, column: str) -> object:
        held: Qualifications = person.qualifications
        return getattr(held if column in _DAYS else person, column)

    return tuple(
        (column, of(known, column), of(fresh, column))
        for column in ("name", "name_en", *_DAYS)
        if of(known, column) != of(fresh, column)
    )
