"""The reference pages are what the code says now."""

import pytest

from domain.policy.rules import RULES
from tests.docs.files import ROOT
from tests.docs.reference import PAGES


@pytest.mark.parametrize("path", PAGES)
def test_a_reference_page_is_up_to_date(path: str) -> None:
    """If this fails: `make docs`."""
    assert (ROOT / path).read_text("utf-8") == PAGES[path]()


def test_every_rule_says_in_words_what_it_means() -> None:
    assert [rule.reason for rule in RULES if not rule.applies.__doc__] == []
