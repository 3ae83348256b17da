"""When whoever keeps the contracts is told of one, and what is said of one that is not active."""

from datetime import date, timedelta

import pytest

from backend.domain.trust_contracts import ContractState, Ending, ending, instead

TODAY = date(2026, 11, 27)


def in_days(days: int, partner: str = "Clinique des Ormes") -> tuple[str, date]:
    return partner, TODAY + timedelta(days)


@pytest.mark.parametrize(
    ("running", "told"),
    [
        ([], Ending()),
        ([in_days(61)], Ending()),
        ([in_days(60)], Ending(soon=1)),
        ([in_days(0)], Ending(soon=1)),
        ([in_days(-1)], Ending(over=1)),
        ([in_days(-60)], Ending(over=1)),
        ([in_days(-61)], Ending()),
        ([in_days(10), in_days(20, "Autre"), in_days(-3, "Tiers")], Ending(soon=2, over=1)),
        ([in_days(10), in_days(400, "CLINIQUE DES ORMES")], Ending()),
        ([in_days(400), in_days(-10)], Ending()),
        ([in_days(-10), in_days(10)], Ending(soon=1)),
    ],
)
def test_a_contract_is_told_of_until_another_one_goes_on(
    running: list[tuple[str, date]], told: Ending
) -> None:
    assert ending(running, TODAY) == told


@pytest.mark.parametrize("state", ContractState)
def test_only_an_active_contract_says_nothing(state: ContractState) -> None:
    words = instead(state, "Clinique des Ormes")
    assert ("Clinique des Ormes" in words) is (state is not ContractState.ACTIVE)
    if state is ContractState.SUSPENDED:
        assert words == (
            "Contrat suspendu : les identités envoyées par Clinique des Ormes ne sont plus "
            "qualifiées d’office."
        )
