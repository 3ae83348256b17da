"""Every way not to be there: what laboratories deposit in one of two worlds, for nobody to see."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from backend.demo.reports import DemoDeposit
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Identifier, Report
from tests.twins import World

WITHHELD = {"INVISIBLE_PATIENT": True}
FROM_GUARDIANS = {"INVISIBLE_REP_LEGAUX": True}
IN_SECRET = {"CONNEXION_SECRETE": True}
"""A minor asked for secrecy: from guardians too, without the other flag."""
MASKED = {"MASQUE_PS": True}


class Sent(Struct, frozen=True):
    """One message of the laboratory that keeps the document."""

    report: Report
    flags: dict[str, bool] = {}
    action: Action = Action.NEW
    rule: str = ""
    """The family of tests that its laboratory withholds meanwhile: the message does not."""


def another(report: Report, number: int, *, days: int = 0, version: int = 1) -> Report:
    """A report like this one, taken some days earlier, with neither drawing nor PDF."""
    header, ids = report.header, f"2.25.77{number:04d}"
    earlier = timedelta(days)
    results = (replace(result, on=result.on and result.on - earlier) for result in report.results)
    return replace(
        report,
        media=(),
        results=tuple(results),
        header=replace(
            header,
            id=Identifier(f"{ids}{version}"),
            set_id=Identifier(ids),
            version=version,
            replaces=(Identifier(f"{ids}{version - 1}"),) if version > 1 else (),
            sampled_at=(header.sampled_at or header.created) - earlier,
            created=header.created - earlier,
        ),
    )


def ways(reports: Mapping[str, DemoDeposit]) -> dict[str, list[Sent]]:
    """None of them is for the readers of `tests/fixtures/twins.py`."""

    def like(name: str, number: int, **changes: Any) -> Report:
        return another(reports[name].report, number, **changes)

    laura, lea, elsewhere = "laura-bilan-sanguin-v1", "lea-bilan-v1", "dominique-trod-v1"
    return {
        "withheld today": [Sent(reports["laura-anti-gad-v1"].report, WITHHELD)],
        "withheld among others": [
            Sent(like(laura, 100 + days, days=days), WITHHELD) for days in (2, 10, 60)
        ],
        "withheld and corrected": [
            Sent(like(laura, 200, days=40), WITHHELD),
            Sent(like(laura, 200, days=40, version=2), WITHHELD, Action.REPLACE),
        ],
        "withheld by a rule": [
            Sent(like("laura-serologies-v1", 250, days=4), rule="vih"),
            Sent(
                like("laura-serologies-v1", 250, days=4, version=2),
                action=Action.REPLACE,
                rule="vih",
            ),
        ],
        "withdrawn before it was seen": [
            Sent(like(laura, 300, days=1), WITHHELD),
            Sent(like(laura, 300, days=1), action=Action.DELETE),
        ],
        "hidden from guardians": [Sent(like(lea, 400), FROM_GUARDIANS)],
        "hidden from guardians and withdrawn": [
            Sent(like(lea, 500, days=5), FROM_GUARDIANS),
            Sent(like(lea, 500, days=5), action=Action.DELETE),
        ],
        "in secret": [
            Sent(like(lea, 550, days=3), IN_SECRET),
            Sent(like(lea, 550, days=3, version=2), IN_SECRET, Action.REPLACE),
        ],
        "of somebody else": [
            Sent(like(elsewhere, 600)),
            Sent(like(elsewhere, 601), MASKED),
        ],
        "of somebody who never came": [Sent(like("julie-bilan-v1", 700))],
    }


async def deposit(world: World, messages: list[Sent]) -> None:
    """Each is acknowledged: what is hidden is filed like the rest."""
    for sent in messages:
        theirs = "Tilleuls" in sent.report.header.custodian.name
        laboratory = world.laboratory("sgl-tilleuls" if theirs else "sgl-estuaire")
        await _choose(world, sent.rule)
        ack = await laboratory.deposit(sent.report, sent.action, flags=sent.flags)
        assert "MSA|AA" in ack, ack


async def _choose(world: World, family: str) -> None:
    """The rule of every laboratory, or none."""
    await world.run("DELETE FROM withheld_family")
    if family:
        await world.run(
            "INSERT INTO withheld_family (id, structure_id, family, chosen_by, chosen_at)"
            " SELECT gen_random_uuid(), id, :family,"
            " (SELECT min(id::text)::uuid FROM professional), now() FROM structure"
            " WHERE laboratory",
            family=family,
        )
