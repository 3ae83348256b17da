"""The proof has eyes: five broken services, each caught at the one moment that betrays it."""

from pathlib import Path

import pytest

from backend.domain.reports import Report
from tests.fixtures.database import Databases
from tests.proofs.conftest import Figure
from tests.proofs.crash.people import Badge, message_of, report_of
from tests.proofs.crash.place import Place, Wrong
from tests.proofs.crash.points import Flow, kill_at

MARK = 743
CONTROLS = {
    "acknowledge_before_commit": ("before late commit", "acknowledged, and lost"),
    "never_flush": ("after commit", "fsck"),
    "keep_files_in_memory": ("after commit", "fsck"),
    "promise_before_commit": ("after promise apart", "fsck"),
    "promise_after_commit": ("before promise apart", "fsck"),
}


@pytest.fixture(scope="module")
def flow(signed_in: tuple[Place, Badge], base: Report) -> Flow:
    return Flow("initial", signed_in[0], message_of(report_of(base, "fil", MARK)), [], [MARK])


@pytest.mark.parametrize("variant", CONTROLS)
async def test_a_broken_service_is_caught(
    variant: str,
    flow: Flow,
    signed_in: tuple[Place, Badge],
    copies: Databases,
    tmp_path: Path,
    figure: Figure,
) -> None:
    moment, caught = CONTROLS[variant]
    place = flow.start.copy(copies, tmp_path)
    with pytest.raises(Wrong) as wrong:
        await kill_at(flow, signed_in[1], place, 1, only=moment, variant=variant)
    assert wrong.value.args[0] == caught, wrong.value.args
    figure(f"caught: {variant.replace('_', ' ')}", wrong.value.args[-1])


async def test_the_same_moment_is_harmless_to_the_real_service(
    flow: Flow, signed_in: tuple[Place, Badge], copies: Databases, tmp_path: Path
) -> None:
    place = flow.start.copy(copies, tmp_path)
    outcome = await kill_at(flow, signed_in[1], place, 1, only="after commit")
    assert (outcome.acknowledged, outcome.stored) == (False, True)
