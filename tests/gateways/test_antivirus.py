"""What the scanner says decides; when it says nothing that we understand, nothing is taken."""

import pytest

from backend.demo.antivirus import EICAR, open_scanner
from backend.gateways.antivirus import ClamAv, Infected, NoAntivirus, ScannerDown, open_antivirus


async def test_what_is_clean_is_taken_whatever_its_size() -> None:
    async with open_scanner() as url:
        for content in (b"", b"un papier", bytes(5_000_000)):
            await ClamAv(url).scan(content)


async def test_a_virus_is_refused_wherever_it_is() -> None:
    async with open_scanner() as url:
        for content in (EICAR, bytes(63_990) + EICAR):
            with pytest.raises(Infected):
                await ClamAv(url).scan(content)


@pytest.mark.parametrize(
    "says", [b"", b"INSTREAM size limit exceeded. ERROR", b"stream: lstat() failed. ERROR", b"OK"]
)
async def test_any_other_answer_is_no_answer(says: bytes) -> None:
    async with open_scanner(says) as url:
        with pytest.raises(ScannerDown):
            await ClamAv(url).scan(b"un papier")


async def test_a_scanner_that_is_down_takes_nothing() -> None:
    async with open_scanner() as url:
        pass
    with pytest.raises(ScannerDown):
        await ClamAv(url).scan(b"un papier")
    with pytest.raises(ScannerDown):
        await ClamAv("unix:///nowhere/clamd.ctl").scan(b"un papier")


async def test_without_a_scanner_nothing_is_scanned() -> None:
    assert isinstance(open_antivirus(""), NoAntivirus)
    await open_antivirus("").scan(EICAR)
