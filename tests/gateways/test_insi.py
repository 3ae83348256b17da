"""The téléservice INSi over real HTTP: every code, every failure, our certificate."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import trustme
from lxml import etree

from backend.demo.insi import MAGIC, NAMESAKES, OFFICIAL, PATH, FakeInsi
from backend.demo.listening import listen
from backend.demo.people import INS_TEST, KARIM, LAURA, LEA
from backend.domain.formats.xml import Malformed
from backend.gateways.insi import (
    ByCard,
    ByTraits,
    Found,
    Insi,
    InsiDown,
    InsiRefusesUs,
    Nobody,
    NoInsi,
    Number,
    Several,
)
from backend.settings import InsiAccess

FINESS = "440099991"
QUICK = 2.0
ASKED = ByTraits("BERNARD", "LAURA", "F", date(1991, 5, 14))


@asynccontextmanager
async def opened(url: str, *, seconds: float = QUICK, **access: Any) -> AsyncIterator[Insi]:
    insi = Insi(InsiAccess(url, "PDP1", "inst", **access), seconds=seconds)
    try:
        yield insi
    finally:
        await insi.aclose()


@pytest.fixture(scope="module")
async def emulator() -> AsyncIterator[tuple[FakeInsi, str]]:
    fake = FakeInsi()
    async with listen(fake) as address:
        yield fake, address + PATH


@pytest.fixture
async def insi(emulator: tuple[FakeInsi, str]) -> AsyncIterator[Insi]:
    async with opened(emulator[1]) as ready:
        yield ready


async def test_one_identity_comes_whole(insi: Insi) -> None:
    found = await insi.find(ASKED, finess=FINESS)
    assert found == Found(
        LAURA.traits.__class__(
            **{
                name: getattr(LAURA.traits, name)
                for name in LAURA.traits.__struct_fields__
                if not name.startswith("used")
            }
        )
    )


async def test_official_identities_have_their_numbers_old_and_new(insi: Insi) -> None:
    for known in OFFICIAL:
        traits = known.traits
        assert traits.birth_date
        asked = ByTraits(traits.birth_name, traits.first_given, traits.sex, traits.birth_date)
        found = await insi.find(asked, finess=FINESS)
        assert isinstance(found, Found)
        assert found.traits == traits
        assert found.former == tuple(Number(old, INS_TEST) for old in known.former)


async def test_nobody_and_several(insi: Insi) -> None:
    ola = ByTraits("TCHITCHI", "OLA", "F", date(1936, 6, 21))
    assert await insi.find(ola, finess=FINESS) == Nobody()
    jean = ByTraits("DUPONT", "JEAN", "M", date(1957, 1, 2))
    assert await insi.find(jean, finess=FINESS) == Several()
    born_there = ByTraits("DUPONT", "JEAN", "M", date(1957, 1, 2), "35238")
    assert await insi.find(born_there, finess=FINESS) == Found(NAMESAKES[1].traits)


async def test_a_card_gives_the_child_the_childs_own_number(insi: Insi) -> None:
    assert LEA.traits.birth_date
    opener = KARIM.traits.matricule[:13]
    found = await insi.find(ByCard(opener, LEA.traits.birth_date), finess=FINESS)
    assert isinstance(found, Found)
    assert found.traits.matricule == LEA.traits.matricule
    assert await insi.find(ByCard(opener, date(2000, 1, 1)), finess=FINESS) == Nobody()
    twin = ByCard(opener, LEA.traits.birth_date, rank=2)
    assert await insi.find(twin, finess=FINESS) == Nobody()


async def test_a_number_and_traits_go_together_or_not(insi: Insi) -> None:
    number = Number(LAURA.traits.matricule, INS_TEST)
    assert await insi.verify(number, ASKED, "LAURA MARIE", finess=FINESS)
    assert not await insi.verify(number, ASKED, "LAURA", finess=FINESS)
    other = Number(KARIM.traits.matricule, INS_TEST)
    assert not await insi.verify(other, ASKED, "LAURA MARIE", finess=FINESS)


CODES = {
    "INDISPONIBLE": "siram_40/insi_102",
    "INTERDIT": "siram_20/insi_004",
    "LENT": "timeout",
    "COUPE": "connection",
    "PASSERELLE": "http-502",
    "ILLISIBLE": "malformed",
    "ENTITE": "malformed",
    "ENORME": "too-large",
    "INCOMPLET": "malformed",
    "FAUSSE-CLE": "malformed",
    "INCONNU": "cr-42",
    "AUTRE-REPONSE": "another-answer",
}


@pytest.mark.parametrize("name", [name for name in MAGIC if name != "DUPONT"])
async def test_what_is_no_answer_is_told_as_such(emulator: tuple[FakeInsi, str], name: str) -> None:
    asked = ByTraits(name, "LAURA", "F", date(1991, 5, 14))
    async with opened(emulator[1], seconds=0.5 if name == "LENT" else QUICK) as insi:
        with pytest.raises(InsiDown) as caught:
            await insi.find(asked, finess=FINESS)
    assert caught.value.code == CODES[name]
    assert isinstance(caught.value, InsiRefusesUs) is (name == "INTERDIT")
    assert "reste comme elle est" in caught.value.message
    assert "BERNARD" not in str(caught.value)


async def test_nobody_listens_and_nobody_is_configured() -> None:
    async with listen(FakeInsi()) as gone:
        pass
    async with opened(gone + PATH) as insi:
        with pytest.raises(InsiDown, match="INSi"):
            await insi.find(ASKED, finess=FINESS)
    for call in (
        NoInsi().find(ASKED, finess=FINESS),
        NoInsi().verify(Number("", ""), ASKED, "", finess=FINESS),
    ):
        with pytest.raises(InsiDown) as caught:
            await call
        assert caught.value.code == "not-configured"


async def test_the_envelope_says_who_asks(emulator: tuple[FakeInsi, str], insi: Insi) -> None:
    saml = "urn:oasis:names:tc:SAML:2.0:assertion"
    signed = f'<saml2:Assertion xmlns:saml2="{saml}" ID="_1"><saml2:Issuer>x</saml2:Issuer>'
    await insi.find(ASKED, finess=FINESS, assertion=f"{signed}</saml2:Assertion>".encode())
    sent = emulator[0].asked[-1]
    told = {name: next(sent.iter(f"{{*}}{name}")).text for name in ("IDAM", "Nom", "Emetteur")}
    assert told == {"IDAM": "PDP1", "Nom": "urn:lps:reperes:1", "Emetteur": f"1{FINESS}"}
    assert etree.QName(next(sent.iter("{*}Security"))[0]).namespace == saml
    assert "D'" not in etree.tostring(sent).decode()
    with pytest.raises(Malformed):
        await insi.find(ASKED, finess=FINESS, assertion=b"<Assertion/>")


async def test_a_name_cannot_write_xml(insi: Insi) -> None:
    odd = ByTraits("BERNARD</NomNaissance><Sexe>M", "LAURA", "F", date(1991, 5, 14))
    assert await insi.find(odd, finess=FINESS) == Nobody()


async def test_both_show_a_certificate(tmp_path: Path) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    server.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server)
    files: dict[str, dict[str, Any]] = {}
    for name, issuer in (("ours", authority), ("stranger", stranger)):
        identity = issuer.issue_cert("reperes.example")
        chain, key = tmp_path / f"{name}.pem", tmp_path / f"{name}.key"
        identity.private_key_pem.write_to_path(key)
        for blob in identity.cert_chain_pems:
            blob.write_to_path(chain, append=True)
        files[name] = {"certificate": chain, "key": key}
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(trusted)
    async with listen(FakeInsi(), tls=server) as address:
        url = address + PATH
        async with opened(url, authorities=trusted, **files["ours"]) as insi:
            assert isinstance(await insi.find(ASKED, finess=FINESS), Found)
        for access in ({"authorities": trusted}, {"authorities": trusted, **files["stranger"]}):
            async with opened(url, **access) as insi:
                with pytest.raises(InsiDown):
                    await insi.find(ASKED, finess=FINESS)
        async with opened(url, **files["ours"]) as insi:  # their certificate is not trusted
            with pytest.raises(InsiDown):
                await insi.find(ASKED, finess=FINESS)
