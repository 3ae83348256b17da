"""Whatever bytes come, a reader answers or refuses: it never falls, hangs, or fills the memory."""

import asyncio
import importlib.util
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from backend.demo.reports import DemoDeposit, write_message
from backend.domain.formats.cda_writer import write_cda
from tests.fhir import as_bytes, bundle_of, reference_of
from tests.proofs.conftest import Figure, Scale

ROOT = Path(__file__).parents[3]
READERS = ("hl7", "cda", "deposit", "form", "fhir")
MEGABYTES, LONGEST = 2048, 10
FOUND = 77
"""libFuzzer's exit status when something fell."""
WORDS = (
    "MSH|^~\\\\&|",
    "PID|1||",
    "OBX|1|ED|",
    "^Base64^",
    "MetaDMPMSS",
    "\\\\X0D\\\\",
    '<ClinicalDocument xmlns=\\"urn:hl7-org:v3\\">',
    '<observation classCode=\\"OBS\\">',
    '<value xsi:type=\\"PQ\\" value=\\"1e999\\" unit=\\"g\\"/>',
    '<effectiveTime value=\\"99999999999999+9999\\"/>',
    '<!DOCTYPE a [<!ENTITY b SYSTEM \\"file:///etc/passwd\\">]>',
    '<?xml version=\\"1.0\\" encoding=\\"UTF-7\\"?>',
    "content-type: multipart/form-data; boundary=b",
    "content-disposition: form-data; name=",
    "; filename*=utf-8''%00",
    "_csrf_token=%ff",
    "--b--",
    '"resourceType\\":\\"Binary\\"',
    '"attachment\\":{',
    "Patient?identifier=urn:oid:1.2.250.1.213.1.4.8|",
    "\\x0b",
    "\\x1c\\x0d",
)
FORMS = {
    "typed": b"content-type: application/x-www-form-urlencoded\ncookie: csrf=0a\n\n"
    b"_csrf_token=0a&identifiant=une+personne&mot_de_passe=trois%20mots",
    "empty": b"content-type: application/x-www-form-urlencoded; charset=latin1\n\n&&=&%&%zz=%e9",
    "parts": b"content-type: multipart/form-data; boundary=b\ncookie: csrf=0a\n\n--b\r\n"
    b'Content-Disposition: form-data; name="_csrf_token"\r\n\r\n0a\r\n--b\r\n'
    b'Content-Disposition: form-data; name="piece"; filename="a.pdf"\r\n'
    b"Content-Type: application/pdf\r\n\r\n%PDF-1.7\r\n--b--\r\n",
    "json": b'content-type: application/json\n\n{"identifiant": ["une", null]}',
    "token": b"x-csrftoken: 0a\ncookie: csrf=0a; reperes=0b\n\n",
}

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="this machine lacks: a fuzzer for this Python",
)


def write_corpus(folder: Path, reports: Mapping[str, DemoDeposit]) -> None:
    """Forms, and the demonstration's messages and documents, without their bulk."""
    folder.mkdir()
    for name, form in FORMS.items():
        (folder / f"{name}.form").write_bytes(form)
    for name, sent in reports.items():
        content = re.sub(rb"[A-Za-z0-9+/=\s]{2000,}", b"JVBERi0=", write_cda(sent.report))
        (folder / f"{name}.xml").write_bytes(content)
        for make in (bundle_of, reference_of):
            written = as_bytes(make(sent.report, content=content))
            (folder / f"{name}.{make.__name__}.json").write_bytes(written)
        (folder / f"{name}.hl7").write_bytes(
            re.sub(rb"[A-Za-z0-9+/=]{2000,}", b"PENsaW5pY2FsRG9jdW1lbnQvPg==", write_message(sent))
        )


async def fuzz(
    reader: str, folder: Path, reports: Mapping[str, DemoDeposit], seconds: int
) -> tuple[int, int, int, str]:
    """Exit status, executions, edges reached, and what it said."""
    write_corpus(folder / "corpus", reports)
    words = folder / "words"
    words.write_text("".join(f'"{word}"\n' for word in WORDS).replace("\\\\\\\\", "\\\\"))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.proofs.fuzzing.target", reader, str(folder / "corpus")),
        *(f"-max_total_time={seconds}", f"-timeout={LONGEST}", f"-rss_limit_mb={MEGABYTES}"),
        *(f"-dict={words}", "-max_len=60000", "-seed=20261123", "-verbosity=1"),
        f"-artifact_prefix={folder}/",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(seconds + 120):
        out, _ = await process.communicate()
    said = out.decode("utf-8", "replace")
    runs = [int(number) for number in re.findall(r"^#(\d+)", said, re.MULTILINE)]
    edges = [int(number) for number in re.findall(r"cov: (\d+)", said)]
    return process.returncode or 0, max(runs, default=0), max(edges, default=0), said


@pytest.mark.parametrize("reader", READERS)
async def test_nothing_falls(
    reader: str,
    tmp_path: Path,
    reports: Mapping[str, DemoDeposit],
    scale: Scale,
    figure: Figure,
) -> None:
    status, runs, edges, said = await fuzz(reader, tmp_path, reports, scale.of(6, 1200))
    figure(f"{reader}: inputs tried", f"{runs:,}")
    figure(f"{reader}: branches reached", edges)
    assert status == 0, said[-3000:]
    assert runs > 100
    assert edges > 100


async def test_a_planted_fault_is_found(tmp_path: Path, reports: Mapping[str, DemoDeposit]) -> None:
    """The control: a reader that falls on a rare beginning."""
    status, _runs, _edges, said = await fuzz("planted-hl7", tmp_path, reports, 60)
    assert status == FOUND, said[-3000:]
    assert "ZeroDivisionError" in said
