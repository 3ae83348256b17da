"""What became of a dispatch, each thing said of the round that it is about."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct

from backend.domain.dispatches import News, Sending
from backend.domain.dispatches.words import said
from backend.storage.dispatches import DispatchEvent


class Happened(Struct, frozen=True):
    """One line of a story."""

    at: datetime
    words: str
    code: str
    news: News
    round: int
    to: str
    """The address that this round went to; empty when it is not known."""


def tell(events: Iterable[DispatchEvent], sending: Sending, last: int) -> tuple[Happened, ...]:
    """The story in their order; `last`: the round that `sending` is at."""
    return tuple(_tell(one, sending, last) for one in events)


def as_data(one: Happened) -> dict[str, Any]:
    """The same for another program: nothing is attested of an address that it did not go to."""
    return {
        "le": one.at.isoformat(),
        "nature": one.news.value,
        "code": one.code,
        "tour": one.round,
        "adresse": one.to,
    }


def _tell(event: DispatchEvent, sending: Sending, last: int) -> Happened:
    """That it was asked for again is the first thing of the next round."""
    turn = event.round + (event.news is News.REPLAYED)
    to = sending.of_round(turn, last)
    words = said(event.news, event.code)
    return Happened(event.at, words, event.code, event.news, turn, to.address if to else "")
