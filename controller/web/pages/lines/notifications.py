"""Lines of the stream about telling alarms outside."""

from controller.web.pages.lines.said import Names, Said
from domain.notify_events import NotificationSent, NotifyAct


def notification_line(event: NotifyAct, who: str, names: Names) -> Said:
    say = names.say
    code = say.alarm(event.code)[0]
    if isinstance(event, NotificationSent):
        text = say(
            "board.event.notification_sent", to=event.to, code=code, entry=event.entry
        )
        return Said(text, "bell", minor=True)
    text = say(
        "board.event.notification_failed",
        to=event.to,
        code=code,
        entry=event.entry,
        tries=event.tries,
    )
    return Said(text, "warn")
