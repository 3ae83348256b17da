"""Who may answer what about a document that its patient says is not theirs."""

import pytest

from backend.domain.errors import Refused
from backend.domain.misfilings import UNANSWERED, Answer, MisfilingState, answer, read_answer

OPEN, DOUBTED, CONFIRMED, WITHDRAWN = MisfilingState
FOLLOWS = {
    (OPEN, Answer.KEEP): CONFIRMED,
    (OPEN, Answer.REMOVE): DOUBTED,
    (DOUBTED, Answer.CONFIRM): WITHDRAWN,
    (DOUBTED, Answer.AGAIN): OPEN,
}


@pytest.mark.parametrize("state", MisfilingState)
@pytest.mark.parametrize("said", Answer)
def test_each_answer_has_its_turn_and_an_end_is_one(state: MisfilingState, said: Answer) -> None:
    then = FOLLOWS.get((state, said))
    if then:
        assert answer(state, said, first=False) is then
        return
    with pytest.raises(Refused, match=r"déjà|entre-temps|d’abord"):
        answer(state, said, first=False)


def test_nobody_withdraws_alone_but_may_think_again() -> None:
    with pytest.raises(Refused, match="Une autre personne"):
        answer(DOUBTED, Answer.CONFIRM, first=True)
    assert answer(DOUBTED, Answer.AGAIN, first=True) is OPEN
    assert {OPEN, DOUBTED} == UNANSWERED


def test_an_answer_is_one_of_the_list() -> None:
    assert read_answer("garder") is Answer.KEEP
    for text in ("", "supprimer"):
        with pytest.raises(Refused):
            read_answer(text)
