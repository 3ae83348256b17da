"""The proof has eyes: seven broken services, each caught at the moment that betrays it."""

from pathlib import Path

import pytest

from tests.fixtures.database import Databases
from tests.proofs.conftest import Figure
from tests.proofs.crash.people import Badge
from tests.proofs.crash.place import Place, Wrong
from tests.proofs.crash.points import Flow, kill_at, kill_worker_at

CONTROLS = {
    "acknowledge_before_commit": ("before late commit", "acknowledged, and lost"),
    "never_flush": ("after commit", "fsck"),
    "keep_files_in_memory": ("after commit", "fsck"),
    "promise_before_commit": ("after promise apart", "fsck"),
    "promise_after_commit": ("before promise apart", "fsck"),
    "commit_half_way": ("after half", "fsck"),
    "say_sent_before_sending": ("after commit", "a promised letter never left"),
}
FLOW = {"commit_half_way": "replacement", "say_sent_before_sending": "letters"}
SECOND = {"say_sent_before_sending": 2}
"""The first commit of a worker takes the promise, the second says that it is kept."""


@pytest.mark.parametrize("variant", CONTROLS)
async def test_a_broken_service_is_caught(
    variant: str,
    flows: dict[str, Flow],
    signed_in: tuple[Place, Badge],
    copies: Databases,
    tmp_path: Path,
    figure: Figure,
) -> None:
    moment, caught = CONTROLS[variant]
    flow = flows[FLOW.get(variant, "initial")]
    kill = kill_at if flow.message else kill_worker_at
    place = flow.start.copy(copies, tmp_path)
    with pytest.raises(Wrong) as wrong:
        await kill(flow, signed_in[1], place, SECOND.get(variant, 1), only=moment, variant=variant)
    assert wrong.value.args[0] == caught, wrong.value.args
    found = wrong.value.args[-1]
    seen = ", ".join(name for name, _ in found) if caught == "fsck" else caught
    figure(f"caught: {variant.replace('_', ' ')}", seen)


async def test_the_same_moment_is_harmless_to_the_real_service(
    flows: dict[str, Flow], signed_in: tuple[Place, Badge], copies: Databases, tmp_path: Path
) -> None:
    flow = flows["initial"]
    outcome = await kill_at(
        flow, signed_in[1], flow.start.copy(copies, tmp_path), 1, only="after commit"
    )
    assert (outcome.acknowledged, outcome.stored) == (False, True)
