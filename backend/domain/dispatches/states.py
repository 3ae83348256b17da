"""What becomes of one dispatch: a table of states and news; what is not in it changes nothing.

News travel by mail: they come late, twice, or in another order than they happened. The better
proof wins: what was read was delivered, what was delivered was sent. A refusal after a delivery is
told all the same, for a mailbox may refuse what its operator had taken.
"""

from enum import StrEnum


class DispatchState(StrEnum):
    """`bounced`: their side said no. `given-up`: ours did. `cancelled`: the policy did.

    `settled`: it failed, and a person says that nothing is left to do.
    """

    PROMISED = "promised"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    BOUNCED = "bounced"
    GIVEN_UP = "given-up"
    CANCELLED = "cancelled"
    SETTLED = "settled"


class News(StrEnum):
    """What may happen to it."""

    SENT = "sent"
    """Our operator took charge."""
    DELIVERED = "delivered"
    """DSN: it is in the mailbox."""
    READ = "read"
    """MDN: somebody, or their software, opened it."""
    REFUSED = "refused"
    """For good: by the operator at once, or by a DSN."""
    GIVEN_UP = "given-up"
    """Nobody to send it to, or nobody took it in time."""
    CANCELLED = "cancelled"
    """The policy, asked again, says no."""
    REPLAYED = "replayed"
    """A person sends it again."""
    SETTLED = "settled"
    """A person did otherwise, or it is of no use any more."""


_S, _N = DispatchState, News
_PROOFS = {_N.DELIVERED: _S.DELIVERED, _N.READ: _S.READ}
"""True in whatever state we believed it to be: we may have died between sending and noting it."""
_BY_HAND = {_N.REPLAYED: _S.PROMISED, _N.SETTLED: _S.SETTLED}
_TABLE: dict[DispatchState, dict[News, DispatchState]] = {
    _S.PROMISED: {
        **_PROOFS,
        _N.SENT: _S.SENT,
        _N.REFUSED: _S.BOUNCED,
        _N.GIVEN_UP: _S.GIVEN_UP,
        _N.CANCELLED: _S.CANCELLED,
    },
    _S.SENT: {**_PROOFS, _N.REFUSED: _S.BOUNCED},
    _S.DELIVERED: {_N.READ: _S.READ, _N.REFUSED: _S.BOUNCED},
    _S.READ: {},
    _S.BOUNCED: {**_PROOFS, **_BY_HAND},
    _S.GIVEN_UP: {**_PROOFS, **_BY_HAND, _N.REFUSED: _S.BOUNCED},
    _S.CANCELLED: {**_PROOFS},
    _S.SETTLED: {**_PROOFS, _N.REPLAYED: _S.PROMISED},
}
FOLLOWED = frozenset({_N.DELIVERED, _N.READ, _N.REFUSED})
"""News that come back by mail."""


def after(state: DispatchState, news: News) -> DispatchState | None:
    """The next state; None when the news change nothing."""
    return _TABLE[state].get(news)
