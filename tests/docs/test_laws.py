"""`docs/laws.md` tells of every rule, under each of its clauses, and of no other."""

import re
from typing import Final

from domain.policy.rules import RULES
from tests.docs.files import ROOT
from tests.docs.tables import codes, rows

_PAGE: Final = ROOT / "docs/laws.md"
_TABLE: Final = {
    clause.strip("`"): (said, by)
    for clause, _, said, by in rows(_PAGE, columns=4)
    if clause != "clause"
}


def test_every_rule_stands_under_each_of_its_clauses() -> None:
    missing = {
        (clause, rule.reason)
        for rule in RULES
        for clause in rule.clauses
        if rule.reason not in codes(_TABLE.get(clause, ("", ""))[0])
    }

    assert missing == set()


def test_no_code_stands_under_a_clause_that_its_rule_does_not_cite() -> None:
    cited = {(clause, rule.reason) for rule in RULES for clause in rule.clauses}
    told = {
        (clause, code) for clause, (said, _) in _TABLE.items() for code in codes(said)
    }

    assert told - cited == set()


def test_every_story_that_is_named_exists_and_cites_its_clause() -> None:
    wrong = []
    for clause, (_, stories) in _TABLE.items():
        for story in codes(stories):
            path = ROOT / "simulators/scenarios" / f"{story}.toml"
            text = path.read_text("utf-8") if path.is_file() else ""
            if not re.search(rf"\b{re.escape(clause)}\b", text):
                wrong.append((clause, story))

    assert wrong == []


def test_every_clause_of_a_rule_has_a_story() -> None:
    untold = {
        clause
        for rule in RULES
        for clause in rule.clauses
        if not codes(_TABLE.get(clause, ("", ""))[1])
    }

    assert untold == set()
