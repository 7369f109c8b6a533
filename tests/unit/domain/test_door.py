"""The life of one door, for any sequence of inputs."""

from collections.abc import Iterable
from itertools import product
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.door import (
    SILENT_AFTER,
    TRANSITIONS,
    DoorState,
    Effect,
    Input,
    Phase,
    step,
)

inputs = st.lists(st.sampled_from(Input), max_size=30)
FIRE: Final = frozenset({Phase.FIRE_SHUT, Phase.FIRE_OPEN})
# Phases in which the lock lets go.
FREE: Final = frozenset({Phase.RELEASED, *FIRE})
SHUT: Final = frozenset({Phase.SECURED, Phase.RELEASED, Phase.LEAVING, Phase.FIRE_SHUT})


def run(
    row: Iterable[Input],
) -> list[tuple[DoorState, Input, DoorState, tuple[Effect, ...]]]:
    """Each step: state before, input, state after, effects."""
    state, steps = DoorState(), []
    for input_ in row:
        before = state
        state, effects = step(before, input_)
        steps.append((before, input_, state, effects))
    return steps


def after(*row: Input) -> Phase:
    return run(row)[-1][2].phase


def test_every_phase_answers_every_input() -> None:
    assert set(TRANSITIONS) == set(product(Phase, Input))


def test_every_phase_can_be_reached() -> None:
    reached, todo = {Phase.SECURED}, [Phase.SECURED]
    while todo:
        phase = todo.pop()
        for input_ in Input:
            then, _ = TRANSITIONS[phase, input_]
            if then not in reached:
                reached.add(then)
                todo.append(then)

    assert reached == set(Phase)


@given(inputs)
def test_the_lock_is_released_exactly_while_the_door_is(row: list[Input]) -> None:
    released = False
    for _, _, state, effects in run(row):
        for effect in effects:
            if effect is Effect.RELEASE_LOCK:
                released = True
            elif effect is Effect.SECURE_LOCK:
                released = False

        assert released == (state.phase in FREE)


@given(inputs)
def test_the_door_is_shut_exactly_when_its_contact_said_so(row: list[Input]) -> None:
    shut = True
    for _, input_, state, _ in run(row):
        if input_ in (Input.OPENED, Input.CLOSED):
            shut = input_ is Input.CLOSED

        assert state.shut == shut == (state.phase in SHUT)


@given(inputs)
def test_every_alarm_of_forcing_and_holding_is_cleared_once(row: list[Input]) -> None:
    pairs = (
        (Effect.REPORT_FORCED, Effect.REPORT_FORCED_CLEARED, Phase.FORCED),
        (Effect.REPORT_HELD, Effect.REPORT_HELD_CLEARED, Phase.HELD),
        (Effect.REPORT_FIRE, Effect.REPORT_FIRE_CLEARED, None),
    )
    for raised, cleared, phase in pairs:
        standing = False
        for _, _, state, effects in run(row):
            for effect in effects:
                assert effect is not raised or not standing
                assert effect is not cleared or standing
                if effect in (raised, cleared):
                    standing = effect is raised
            expected = state.phase in FIRE if phase is None else state.phase is phase
            assert standing == expected


@given(inputs)
def test_forcing_and_holding_end_only_by_shutting_or_fire(row: list[Input]) -> None:
    for before, input_, state, _ in run(row):
        alarmed = before.phase in (Phase.FORCED, Phase.HELD)
        if alarmed and input_ not in (Input.CLOSED, Input.FIRE):
            assert state.phase is before.phase


@given(inputs)
def test_a_door_is_forced_only_when_opened_while_secured(row: list[Input]) -> None:
    for before, input_, state, effects in run(row):
        if Effect.REPORT_FORCED in effects:
            assert (before.phase, input_) == (Phase.SECURED, Input.OPENED)
            assert state.phase is Phase.FORCED


@given(inputs)
def test_in_a_fire_nothing_but_its_end_secures_the_lock(row: list[Input]) -> None:
    for before, input_, state, effects in run(row):
        if before.phase in FIRE and input_ is not Input.FIRE_CLEARED:
            assert Effect.SECURE_LOCK not in effects
            assert state.phase in FIRE


@pytest.mark.parametrize("phase", Phase)
def test_fire_releases_the_lock_in_every_phase(phase: Phase) -> None:
    then, effects = TRANSITIONS[phase, Input.FIRE]

    assert then in FIRE
    assert phase in FIRE or Effect.RELEASE_LOCK in effects


@given(inputs)
def test_fire_beats_lockdown(row: list[Input]) -> None:
    for before, input_, state, effects in run([Input.FIRE, *row]):
        if before.phase in FIRE and input_ is Input.LOCKDOWN:
            assert (state.phase, effects) == (before.phase, ())


@pytest.mark.parametrize("phase", Phase)
def test_the_exit_button_opens_in_every_phase_and_is_told(phase: Phase) -> None:
    then, effects = TRANSITIONS[phase, Input.EXIT_BUTTON]

    assert Effect.REPORT_EXIT_BUTTON in effects
    assert then in FREE or then not in SHUT


@pytest.mark.parametrize("phase", Phase)
def test_the_handle_is_told_in_every_phase_but_that_it_told_already(
    phase: Phase,
) -> None:
    _, effects = TRANSITIONS[phase, Input.HANDLE]

    assert Effect.REPORT_HANDLE in effects or phase is Phase.LEAVING


@pytest.mark.parametrize("way", [Input.EXIT_BUTTON, Input.HANDLE])
def test_who_opens_from_inside_forces_nothing(way: Input) -> None:
    assert after(way, Input.OPENED) is Phase.OPEN


@pytest.mark.parametrize(
    "opening", [Input.FIRE, Input.GRANT, Input.EXIT_BUTTON, Input.HANDLE]
)
def test_no_way_of_opening_outlives_its_passage(opening: Input) -> None:
    """Released, opened and shut: the next opening is forced again."""
    row = [opening, Input.OPENED, Input.CLOSED]
    row += [Input.FIRE_CLEARED] if opening is Input.FIRE else []

    assert after(*row, Input.OPENED) is Phase.FORCED


def test_a_release_that_ran_out_is_told_and_secured() -> None:
    *_, (_, _, state, effects) = run([Input.GRANT, Input.RELEASE_EXPIRED])

    assert state.phase is Phase.SECURED
    assert effects[0] is Effect.REPORT_NOT_OPENED
    assert Effect.SECURE_LOCK in effects


def test_opening_secures_the_lock_for_the_shutting() -> None:
    *_, (_, _, _, effects) = run([Input.GRANT, Input.OPENED])

    assert Effect.SECURE_LOCK in effects


@given(inputs)
def test_reports_come_before_acts(row: list[Input]) -> None:
    """Record before act: in each step the lock moves after what is told of it."""
    for _, _, _, effects in run(row):
        acts = [n for n, e in enumerate(effects) if not e.startswith("report_")]
        reports = [n for n, e in enumerate(effects) if e.startswith("report_")]

        assert not acts or not reports or max(reports) < min(acts)


@given(inputs)
def test_a_timer_runs_only_in_a_phase_that_waits_for_it(row: list[Input]) -> None:
    release, open_ = False, False
    for _, input_, state, effects in run(row):
        release &= input_ is not Input.RELEASE_EXPIRED
        open_ &= input_ is not Input.OPEN_TOO_LONG
        for effect in effects:
            if effect is Effect.STOP_TIMERS:
                release = open_ = False
            release |= effect is Effect.START_RELEASE_TIMER
            open_ |= effect is Effect.START_OPEN_TIMER

        waits = state.phase in (Phase.RELEASED, Phase.LEAVING)
        assert release <= waits
        assert waits <= (release or input_ is Input.RELEASE_EXPIRED)
        assert open_ <= (state.phase is Phase.OPEN)


def test_tampering_is_told_and_moves_nothing() -> None:
    for phase in Phase:
        assert TRANSITIONS[phase, Input.TAMPERED] == (phase, (Effect.REPORT_TAMPER,))
        assert TRANSITIONS[phase, Input.TAMPER_CLEARED] == (
            phase,
            (Effect.REPORT_TAMPER_CLEARED,),
        )


# --- a contact that never reports ---

UNUSED: Final = [Input.GRANT, Input.RELEASE_EXPIRED]


def silences(row: Iterable[Input]) -> int:
    return sum(Effect.REPORT_CONTACT_SILENT in effects for *_, effects in run(row))


@pytest.mark.parametrize(
    ("row", "times"),
    [
        pytest.param(UNUSED * (SILENT_AFTER - 1), 0, id="one fewer"),
        pytest.param(UNUSED * SILENT_AFTER, 1, id="just enough"),
        pytest.param(UNUSED * (SILENT_AFTER + 2), 1, id="told once"),
        pytest.param(
            UNUSED * (SILENT_AFTER - 1)
            + [Input.GRANT, Input.OPENED, Input.CLOSED]
            + UNUSED * (SILENT_AFTER - 1),
            0,
            id="a passage in between",
        ),
        pytest.param(
            [Input.GRANT, Input.LOCKDOWN, Input.LOCKDOWN_ENDED] * SILENT_AFTER,
            0,
            id="a lockdown ended each release",
        ),
        pytest.param(
            [Input.GRANT, Input.RELAY_FAILED] * SILENT_AFTER,
            0,
            id="the lock never let go",
        ),
    ],
)
def test_a_contact_is_doubted_after_releases_that_nobody_used(
    row: list[Input], times: int
) -> None:
    assert silences(row) == times
