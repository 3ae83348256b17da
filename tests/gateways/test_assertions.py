"""Forged, stale and strange client assertions. None may pass."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.gateways.oauth import Claims, OAuthError, verify_assertion
from tests.gateways.forgeries import (
    CLIENT,
    FORGED,
    HERE,
    JWKS,
    NOW,
    OURS,
    SOUND,
    claims,
    sealed,
    signed,
)


def verified(assertion: str, jwks: dict[str, Any] = JWKS, now: datetime = NOW) -> Claims:
    return verify_assertion(assertion, client_id=CLIENT, jwks=jwks, audience=HERE, now=now)


@pytest.mark.parametrize("assertion", SOUND.values(), ids=SOUND.keys())
def test_a_sound_assertion_passes(assertion: str) -> None:
    assert verified(assertion).jti == "un"


@pytest.mark.filterwarnings("ignore:Key size")  # the library warns, we refuse
@pytest.mark.parametrize("assertion", FORGED.values(), ids=FORGED.keys())
def test_no_forgery_passes(assertion: str) -> None:
    with pytest.raises(OAuthError) as refusal:
        verified(assertion)
    answer = refusal.value.error, refusal.value.description, refusal.value.status
    assert answer == ("invalid_client", "Client inconnu ou preuve invalide.", 401)


def test_what_must_be_remembered_outlives_what_is_accepted() -> None:
    assertion = signed(claims())
    until = verified(assertion).exp
    last = until - timedelta(microseconds=1)
    assert verified(assertion, now=last).exp == until
    with pytest.raises(OAuthError):
        verified(assertion, now=until)


def test_the_only_key_needs_no_name() -> None:
    alone = {"keys": [OURS.as_dict(private=False)]}
    assert verified(signed(claims(), kid=None), alone).jti == "un"


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": []},
        {"keys": None},
        {"keys": "ec"},
        {"keys": [None, 1, "ec"]},
        {"keys": [{"kid": "ec"}]},
        {"keys": [{"kid": "ec", "kty": "EC", "crv": "P-256", "x": "?", "y": "?"}]},
        {"keys": [OURS.as_dict(private=False)] * 2},
    ],
)
def test_a_broken_set_of_keys_lets_nobody_in(jwks: dict[str, Any]) -> None:
    with pytest.raises(OAuthError):
        verified(signed(claims()), jwks)


@given(st.text())
def test_no_text_passes_or_breaks(text: str) -> None:
    with pytest.raises(OAuthError):
        verified(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(head=json_values, name=st.sampled_from(sorted(claims())), value=json_values)
def test_no_strange_value_passes_or_breaks(head: object, name: str, value: object) -> None:
    for assertion in (sealed(head, claims(), OURS, "ES256"), signed({**claims(), name: value})):
        try:
            found = verified(assertion)
        except OAuthError:
            continue
        assert name == "jti" or value == claims()[name] or name == "exp"
        assert NOW < found.exp <= NOW + timedelta(seconds=70)
