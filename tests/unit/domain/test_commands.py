"""Which commands a door obeys."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any, Final

import pytest

from domain.commands import (
    Command,
    CommandRefusal,
    EndLockdown,
    Order,
    ResetOccupancy,
    StartLockdown,
    UnlockDoor,
    judge,
)
from domain.ids import CommandId, DoorId
from tests.builders import A_MOMENT, NINE

DOOR: Final = DoorId("lab")
SOUND: Final = Command(
    id=CommandId("c1"),
    door=DOOR,
    issued_at=NINE,
    expires_at=NINE + timedelta(seconds=30),
    nonce="ab" * 16,
    issued_by="guard",
    order=UnlockDoor("a delivery"),
)
ORDERS: Final[tuple[Order, ...]] = (
    UnlockDoor("r"),
    StartLockdown("r"),
    EndLockdown("r"),
    ResetOccupancy("r"),
)


def judged(command: Command = SOUND, **changes: Any) -> CommandRefusal | None:  # noqa: ANN401  any argument
    plain: dict[str, Any] = {
        "door": DOOR,
        "now": NINE,
        "retained": False,
        "clock_trusted": True,
        "seen": frozenset(),
    }
    return judge(command, **(plain | changes))


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: type(order).__name__)
def test_a_sound_command_is_obeyed(order: Order) -> None:
    assert judged(replace(SOUND, order=order)) is None


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        pytest.param({"retained": True}, CommandRefusal.RETAINED, id="retained"),
        pytest.param({"door": DoorId("hall")}, CommandRefusal.FOREIGN, id="foreign"),
        pytest.param({"seen": {SOUND.nonce}}, CommandRefusal.REPEATED, id="repeated"),
        pytest.param(
            {"now": SOUND.expires_at}, CommandRefusal.EXPIRED, id="at its very end"
        ),
        pytest.param(
            {"now": SOUND.expires_at - A_MOMENT}, None, id="a moment before its end"
        ),
        pytest.param(
            {"now": NINE - timedelta(seconds=30)}, None, id="30 s ahead of this door"
        ),
        pytest.param(
            {"now": NINE - timedelta(seconds=30) - A_MOMENT},
            CommandRefusal.EARLY,
            id="from the future",
        ),
        pytest.param(
            {"clock_trusted": False}, CommandRefusal.CLOCK, id="no trusted clock"
        ),
    ],
)
def test_a_command_is_refused_for_what_is_wrong_with_it(
    changes: dict[str, Any], refusal: CommandRefusal | None
) -> None:
    assert judged(**changes) is refusal


def test_a_lockdown_starts_by_any_clock_and_nothing_else_does() -> None:
    obeyed = [
        order
        for order in ORDERS
        if judged(replace(SOUND, order=order), clock_trusted=False) is None
    ]

    assert obeyed == [StartLockdown("r")]


@pytest.mark.parametrize(("retained", "trusted"), list(product([True], [True, False])))
@pytest.mark.parametrize("order", ORDERS, ids=lambda order: type(order).__name__)
def test_nothing_the_broker_kept_is_ever_obeyed(
    order: Order, retained: bool, trusted: bool
) -> None:
    command = replace(SOUND, order=order)

    assert judged(command, retained=retained, clock_trusted=trusted) is not None
