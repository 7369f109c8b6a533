"""Lines of the stream about the lobby's tablets."""

from typing import Final

from controller.web.pages.lines.said import Names, Said
from domain.tablets import (
    TabletAdded,
    TabletEvent,
    TabletPaired,
    TabletRevoked,
    UndertakingNotAgreed,
    UndertakingShown,
)


def tablet_line(event: TabletEvent, who: str, names: Names) -> Said:
    say = names.say
    refused = isinstance(event, UndertakingNotAgreed)
    key = _TABLET_WORDS[type(event)]
    text = say(f"lobby.event.{key}", tablet=event.name, by=event.by, who=who)
    return Said(text, "tablet", "denied" if refused else "plain")


_TABLET_WORDS: Final[dict[type[TabletEvent], str]] = {
    TabletAdded: "added",
    TabletPaired: "paired",
    TabletRevoked: "revoked",
    UndertakingShown: "shown",
    UndertakingNotAgreed: "not_agreed",
}
