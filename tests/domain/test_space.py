"""The life of a space: every pair of state and event, walked, and told in the docs."""

import csv
from importlib.resources import files
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.space import Event, Impossible, State, after, allows

ROWS = list(
    csv.DictReader((files("backend.domain.codes") / "space.csv").read_text("utf-8").splitlines())
)
QUIET = (State.OPPOSED, State.CLOSED, State.ERASING, State.SUSPENDED, State.DECEASED, State.ERASED)
"""Nobody reads, nobody files."""


def test_the_table_has_a_line_for_each_event_and_a_column_for_each_state() -> None:
    assert [row["event"] for row in ROWS] == [event.value for event in Event]
    assert set(ROWS[0]) == {"event", "meaning", *(state.value for state in State)}
    assert all(row["meaning"] for row in ROWS)


@pytest.mark.parametrize("state", State)
def test_every_pair_is_allowed_and_leads_somewhere_or_is_refused(state: State) -> None:
    for row in ROWS:
        event, cell = Event(row["event"]), row[state.value]
        if cell:
            assert allows(state, event)
            assert after(state, event) == (state if cell == "=" else State(cell))
        else:
            assert not allows(state, event)
            with pytest.raises(Impossible):
                after(state, event)


@pytest.mark.parametrize(("state", "event"), list(product(QUIET, (Event.READ, Event.DEPOSIT))))
def test_what_is_closed_is_neither_read_nor_filed_in(state: State, event: Event) -> None:
    assert not allows(state, event)


def test_nothing_comes_back_from_death_or_from_a_destroyed_key() -> None:
    for state in (State.DECEASED, State.ERASED):
        assert not any(allows(state, event) for event in Event)


def test_whoever_left_may_come_back_until_the_key_is_destroyed() -> None:
    for state in (State.OPPOSED, State.CLOSED, State.ERASING):
        assert after(state, Event.REOPEN) is State.ACTIVE


@given(st.lists(st.sampled_from(Event), max_size=40))
def test_a_walk_never_opens_a_space_without_its_person(events: list[Event]) -> None:
    """Whatever happens, in whatever order: three promises hold."""
    state, refused = State.INFORMED, False
    for event in events:
        before = state
        try:
            state = after(state, event)
        except Impossible:
            assert state is before
            continue
        refused = refused or event in {Event.REFUSE, Event.CLOSE, Event.ASK_ERASURE}
        if event in {Event.REOPEN, Event.ACTIVATE, Event.ATTACH}:
            refused = False
        if refused and state not in QUIET:
            raise AssertionError(f"{before} → {event} → {state} opened what was refused")
        if state is State.ACTIVE and before is not State.ACTIVE:
            came_in = {Event.ACTIVATE, Event.REOPEN, Event.RECOVER, Event.UNLOCK}
            came_in |= {Event.ENROL_AGAIN, Event.RESUME}
            assert event in came_in, (before, event)
        if before is State.ERASED:
            raise AssertionError("an erased space moved")
