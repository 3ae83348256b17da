"""What is hidden does not exist: a world that hides more answers the same, byte for byte."""

from collections.abc import Mapping
from random import Random

from backend.demo.people import DOMINIQUE
from backend.demo.reports import DemoDeposit
from backend.domain.formats.hl7v2_writer import Action
from tests.fixtures.twins import MakeTwins, settled
from tests.hiding import Sent, deposit, ways
from tests.proofs.conftest import Figure, Scale
from tests.twins import Asked, Difference, Twins, World

Reports = Mapping[str, DemoDeposit]
EVERYONE = ("visitor", "halfway", "laura", "karim", "karim for lea", "nadia", "tilleuls")
CURIOUS = ("laura", "karim for lea")
EVERY_WAY = 8


async def test_whoever_asks_whatever_both_worlds_answer_alike(
    make_twins: MakeTwins, reports: Reports, scale: Scale, figure: Figure
) -> None:
    known = ways(reports)
    chance = Random(7)
    pairs = [[*known], *([name] for name in scale.of([], [*known]))]
    pairs += [chance.sample([*known], 3) for _ in range(scale.of(0, 8))]
    asked, answers = 0, dict[int, int]()
    for chosen in pairs:
        messages = [sent for name in chosen for sent in known[name]]

        async def hide(world: World, messages: list[Sent] = messages) -> None:
            await deposit(world, messages)

        async with make_twins(hide, few=scale.of(3, 12)) as twins:
            assert twins.hidden, chosen
            found = set[Difference]()
            for reader in EVERYONE:
                found |= await twins.compare(reader, *_rivals(twins, reader, messages))
            await settled(twins.plain)
            await settled(twins.hiding)
            found |= twins.compare_letters(but=DOMINIQUE.email)
            assert not found, (chosen, sorted(found))
            asked += twins.asked
            answers = {s: answers.get(s, 0) + n for s, n in twins.statuses.items()} | answers
    figure("pairs of worlds, one of which hides more", len(pairs))
    figure("questions put to both, answered alike byte for byte", asked)
    figure("answers by status", " ".join(f"{s}:{n}" for s, n in sorted(answers.items())))


def _rivals(twins: Twins, reader: str, messages: list[Sent]) -> list[Asked]:
    """Another laboratory tries the identifiers of what is hidden: to file, replace, withdraw."""
    if reader != "tilleuls":
        return []
    rival = twins.plain.laboratory("sgl-tilleuls")
    return [
        Asked(
            "interop.hl7v2.deposit",
            "POST",
            "/api/hl7v2",
            rival.message(sent.report, action, control_id="1", organisation=organisation),
        )
        for sent in messages
        for action in (Action.REPLACE, Action.DELETE, Action.NEW)
        for organisation in (sent.report.header.custodian, rival.data.structure)
    ]
