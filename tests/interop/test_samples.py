"""The public samples through the door: each gets the answer that the rules demand."""

from pathlib import Path

import pytest

from backend.cli.deposit import as_message
from tests.laboratory import Laboratory

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
pytestmark = pytest.mark.skipif(
    not SAMPLES.exists(), reason="the public samples are not beside the project"
)
FLAGS = {"DESTDMP": True}
ANSWERS = {
    # Reports of the laboratory 120459876, for the official test patient.
    "cda/BIO-CR-BIO_*.xml": ("AA", ""),
    # Rapid tests made by another structure: not this client's to deposit.
    "cda/BIO-TROD_*.xml": ("AE", "|901"),
    "hl7v2/ORU_initial.hl7": ("AA", ""),
    # Its parent was never sent: found by its setId.
    "hl7v2/ORU_replace.hl7": ("AA", ""),
    # PID names one person, the document another.
    "hl7v2/ORU_delete.hl7": ("AE", "|904"),
    # Sent by the structure 300017985.
    "hl7v2/MDM_initial.er7": ("AE", "|901"),
    # Answers, not deposits.
    "hl7v2/ACK.hl7": ("AE", "|200^"),
    "hl7v2/ZAM_*.hl7": ("AE", "|200^"),
}


async def test_each_sample_gets_its_answer(laboratory: Laboratory) -> None:
    for pattern, (code, reason) in ANSWERS.items():
        files = sorted(SAMPLES.glob(pattern))
        assert files, pattern
        for file in files:
            ack = await laboratory.send(as_message(file.read_bytes(), FLAGS))
            assert f"MSA|{code}|" in ack, (file.name, ack)
            assert reason in ack, (file.name, ack)
