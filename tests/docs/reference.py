"""The pages of docs/reference/, written from the code: `make docs`.

Whoever adds a rule or a command writes no page; the test beside this file says when
one is out of date.
"""

from collections.abc import Callable, Iterable
from typing import Final

from config.locales import words
from controller.web.api.table import DESCRIPTION, ENDPOINTS
from domain.alarm_events import AlarmCode
from domain.alarms import priority
from domain.attempt import PAIR_TIMED_OUT, TIMED_OUT
from domain.policy import FREE_EXIT, NO_PERMIT, Finding, Rule, Verdict
from domain.policy.rules import RULES
from domain.zones import ZoneLevel
from menshen import COMMANDS
from tests.docs.files import ROOT

_NOTE: Final = "<!-- Written by `make docs` from the code. Do not edit. -->"

_DOES: Final = {
    Verdict.PERMIT: "permits",
    Verdict.FORBID: "refuses",
    Verdict.WAIT: "waits",
    Verdict.NOTE: "notes",
    Verdict.ALARM: "alarms",
}


def reasons() -> str:
    """Every reason a decision can give, from the rule book."""
    rows = [
        _reason(_finding(rule), "alarms" if rule.on_exit else "", _sentence(rule))
        for rule in RULES
    ]
    rows.append(_reason(NO_PERMIT, "", "Nothing permits: neither a grant nor a post."))
    rows.append(_reason(FREE_EXIT, "permits", "The way out is free for everyone."))
    rows += [
        _reason(Finding(reason, Verdict.FORBID, ()), "", because)
        for reason, because in (
            (TIMED_OUT, "What was awaited didn't come in time; with its clauses."),
            (PAIR_TIMED_OUT, "The second person didn't come in time; likewise."),
        )
    ]
    return _page(
        "Reasons",
        "What a decision says, and the clauses of the guide it rests on. One that"
        " refuses beats any that permit; without one that permits, nobody is admitted."
        " On the way out nobody is refused: what is marked there becomes an alarm.",
        ("reason", "at the entry", "clauses", "on the way out", "because", "中文"),
        sorted(rows),
    )


def alarms() -> str:
    """Every alarm of a door and of the office, with its urgency."""
    chinese, english = words("zh-CN"), words("en")
    return _page(
        "Alarms",
        "What a guard is told. Priority 1 is urgent, 2 important, 3 a notice; it"
        " follows from the code and the level of the zone. A rule that alarms does so"
        " by its [reason](reasons.md).",
        ("alarm", "core", "elsewhere", "what to do", "中文"),
        (
            (
                f"`{code}`",
                str(priority(code, ZoneLevel.CORE)),
                str(priority(code, ZoneLevel.GENERAL)),
                english.alarm(code),
                chinese.alarm(code),
            )
            for code in sorted(AlarmCode)
        ),
    )


def commands() -> str:
    """Every sub-command of `menshen`."""
    return _page(
        "Commands",
        "`menshen COMMAND --help` says more.",
        ("command", "what it does"),
        ((f"`menshen {name}`", what.summary) for name, what in COMMANDS.items()),
    )


def api() -> str:
    """Every address of the REST API, from its table."""
    rows = [
        (f"`{each.method} {each.path}`", _scope(each.scope), each.summary)
        for each in ENDPOINTS
    ]
    described = (
        f"`GET {DESCRIPTION}`",
        _scope(None),
        "This, with shapes (OpenAPI 3.1)",
    )
    return _page(
        "API",
        "For other systems, by token: [how](../api.md).",
        ("address", "scope", "what it does"),
        (described, *rows),
    )


def _scope(scope: str | None) -> str:
    return "any" if scope is None else f"`{scope}`"


PAGES: Final[dict[str, Callable[[], str]]] = {
    "docs/reference/alarms.md": alarms,
    "docs/reference/api.md": api,
    "docs/reference/commands.md": commands,
    "docs/reference/reasons.md": reasons,
}


def _reason(finding: Finding, way_out: str, because: str) -> tuple[str, ...]:
    entry = "" if finding is FREE_EXIT else _DOES[finding.verdict]
    clauses = ", ".join(finding.clauses)
    chinese = words("zh-CN").reason(finding.reason)
    return f"`{finding.reason}`", entry, clauses, way_out, because, chinese


def _finding(rule: Rule) -> Finding:
    return Finding(rule.reason, rule.verdict, rule.clauses)


def _sentence(rule: Rule) -> str:
    return " ".join((rule.applies.__doc__ or "").split())


def _page(
    title: str, lead: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> str:
    table = [head, ("---",) * len(head), *rows]
    lines = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([_NOTE, "", f"# {title}", "", lead, "", *lines, ""])


if __name__ == "__main__":
    for path, page in PAGES.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(page(), "utf-8")
        print(path)
