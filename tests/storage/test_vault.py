from itertools import permutations
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.storage.vault import Tampered, Vault, derive

ROOT = b"a root key of thirty-two bytes!!"
ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.fixture
def vault() -> Vault:
    return Vault(ROOT)


@given(data=st.binary(max_size=200), part=st.text(max_size=20))
def test_what_is_sealed_opens_where_it_stands(data: bytes, part: str) -> None:
    vault = Vault(ROOT)
    key = vault.record_key(ONE, vault.new_record_key(ONE))
    assert key.open(key.seal(data, part), part) == data


def test_a_ciphertext_moved_to_another_row_part_or_record_does_not_open(vault: Vault) -> None:
    keys = {record: vault.record_key(record, vault.new_record_key(record)) for record in (ONE, TWO)}
    places = [(record, row, part) for record in keys for row in (3, 4) for part in ("a", "b")]
    sealed = {place: keys[place[0]].seal(b"secret", *place[1:]) for place in places}
    for here, there in permutations(places, 2):
        with pytest.raises(Tampered):
            keys[there[0]].open(sealed[here], *there[1:])


def test_one_changed_bit_anywhere_is_noticed(vault: Vault) -> None:
    key = vault.record_key(ONE, vault.new_record_key(ONE))
    sealed = key.seal(b"1,18 g/L", "result")
    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(Tampered):
            key.open(bytes(altered), "result")


def test_a_wrapped_key_serves_its_own_record_only(vault: Vault) -> None:
    wrapped = vault.new_record_key(ONE)
    with pytest.raises(Tampered):
        vault.record_key(TWO, wrapped)


def test_another_root_opens_nothing(vault: Vault) -> None:
    with pytest.raises(Tampered):
        Vault(bytes(32)).record_key(ONE, vault.new_record_key(ONE))


def test_a_wrapped_key_that_was_replaced_is_not_served_from_memory(vault: Vault) -> None:
    first, second = vault.new_record_key(ONE), vault.new_record_key(ONE)
    sealed = vault.record_key(ONE, first).seal(b"x")
    with pytest.raises(Tampered):
        vault.record_key(ONE, second).open(sealed)


def test_nonces_do_not_repeat(vault: Vault) -> None:
    key = vault.record_key(ONE, vault.new_record_key(ONE))
    assert len({key.seal(b"")[:12] for _ in range(20_000)}) == 20_000


def test_blind_indexes_agree_with_themselves_and_with_nothing_else(vault: Vault) -> None:
    nir = "279035121518989"
    assert vault.index("ins", nir) == Vault(ROOT).index("ins", nir)
    assert vault.index("ins", nir) != vault.index("email", nir)
    assert vault.index("ins", nir) != Vault(bytes(32)).index("ins", nir)


def test_fingerprints_of_two_records_cannot_be_compared(vault: Vault) -> None:
    one, two = (vault.record_key(r, vault.new_record_key(r)) for r in (ONE, TWO))
    assert one.fingerprint("4548-4|%") == one.fingerprint("4548-4|%")
    assert one.fingerprint("4548-4|%") != two.fingerprint("4548-4|%")


def test_keys_do_not_show_in_a_traceback(vault: Vault) -> None:
    key = vault.record_key(ONE, vault.new_record_key(ONE))
    assert repr(key) == f"RecordKey(record_id={ONE!r})"


def test_each_purpose_has_its_own_key() -> None:
    labels = ["kek", "mac/index/ins", "mac/index/email", "mac/journal", "seal/otp"]
    assert len({derive(ROOT, label) for label in labels}) == len(labels)


def test_a_short_root_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(uuid4().bytes)
