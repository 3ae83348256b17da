"""What is hidden does not exist: a world that hides more answers the same, byte for byte."""

from collections.abc import AsyncIterator, Mapping
from math import erfc, sqrt
from random import Random
from statistics import median
from time import perf_counter

import pytest
from httpx import AsyncClient
from sqlalchemy import true

from backend.access import scopes
from backend.demo.people import DOMINIQUE
from backend.demo.reports import DemoDeposit
from backend.domain.formats.hl7v2_writer import Action
from tests.fixtures.twins import MakeTwins, settled
from tests.hiding import FROM_GUARDIANS, MASKED, WITHHELD, Sent, another, deposit, ways
from tests.proofs import leaks
from tests.proofs.conftest import Figure, Scale
from tests.reading import compare_reading
from tests.twins import UNKNOWN, UUIDS, Asked, Difference, Twins, World

Reports = Mapping[str, DemoDeposit]
EVERYONE = (
    *("visitor", "halfway", "guest", "karim for lea", "laura", "karim", "nadia", "tilleuls"),
)
"""Those who read what others own come before these, who may stop showing it."""
WELCOME = dict.fromkeys(EVERYONE, 200) | {"halfway": 303, "tilleuls": 404}
"""Who is let in, at the first question and until the last."""
SYSTEM = "martin’s system"
WARM_UP = 40
"""Questions before any is timed: plans, caches and code need them, in either world."""
CHANCE = Random(7)
CURIOUS = ("laura", "karim for lea")
READING = frozenset(
    f"patient.{name}"
    for name in ("home.index", "documents.index", "documents.show", "masking.change")
)


async def test_whoever_asks_whatever_both_worlds_answer_alike(
    make_twins: MakeTwins, reports: Reports, scale: Scale, figure: Figure
) -> None:
    known = ways(reports)
    pairs = [[*known], *([name] for name in scale.of([], [*known]))]
    pairs += [CHANCE.sample([*known], 3) for _ in range(scale.of(0, 8))]
    asked, answers = 0, dict[int, int]()
    for chosen in pairs:
        messages = [sent for name in chosen for sent in known[name]]

        async def hide(world: World, messages: list[Sent] = messages) -> None:
            await deposit(world, messages)

        async with make_twins(hide, few=scale.of(1, 12)) as twins:
            assert twins.hidden, chosen
            found = set[Difference]()
            for reader in scale.of([one for one in EVERYONE if one != "karim"], [*EVERYONE]):
                assert await twins.doors(*EVERYONE) == WELCOME
                found |= await twins.compare(reader, *_rivals(twins, reader, messages))
            found |= await twins.part()
            await settled(twins.plain)
            await settled(twins.hiding)
            found |= twins.compare_letters(but=DOMINIQUE.email)
            assert not found, (chosen, sorted(found))
            assert not twins.blind(), f"they only refuse what is sent: {sorted(twins.blind())}"
            asked += twins.asked
            answers = {s: answers.get(s, 0) + n for s, n in twins.statuses.items()} | answers
    figure("pairs of worlds, one of which hides more", len(pairs))
    figure("questions put to both, answered alike byte for byte", asked)
    figure("answers by status", " ".join(f"{s}:{n}" for s, n in sorted(answers.items())))


async def test_whoever_works_elsewhere_or_may_not_read_it_cannot_tell(
    make_twins: MakeTwins, reports: Reports, figure: Figure
) -> None:
    """What is masked, from a doctor of the care team; all that a laboratory has, from another’s."""
    known, masked = ways(reports), masked_from_others(reports)
    hidden = {
        "martin": masked,
        "guillou": [*masked, *known["withheld today"], *known["withheld and corrected"]],
    }
    blind = list[set[str]]()
    for reader, messages in hidden.items():

        async def hide(world: World, messages: list[Sent] = messages) -> None:
            await deposit(world, messages)

        async with make_twins(hide, few=1) as twins:
            assert len(twins.hidden) >= len(masked)
            if reader == "martin":
                numbers = [f"urn:ietf:rfc:3986|urn:oid:{sent.report.header.id}" for sent in masked]
                assert await compare_reading(twins, SYSTEM, *numbers) == set()
                figure("questions of a system that reads for him", twins.asked)
            twins.routes = frozenset(one for one in twins.routes if one.startswith("pro."))
            assert await twins.doors(reader) == {reader: 200}
            assert await twins.compare(reader) == set()
            assert await twins.doors(reader) == {reader: 200}
            blind.append(twins.blind())
            figure(f"questions of a professional: {reader}", twins.asked)
    assert not set.intersection(*blind), "they only refuse what is sent"


async def test_a_record_that_shows_what_is_masked_is_noticed(
    make_twins: MakeTwins, reports: Reports, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    """To a system that reads for a doctor, in several ways; then to the doctor."""
    messages = masked_from_others(reports)
    async with make_twins(lambda world: deposit(world, messages), few=1) as twins:
        twins.hasty = True
        for leak in leaks.IN_FHIR:
            with monkeypatch.context() as patch:
                leak(patch)
                assert await compare_reading(twins, SYSTEM), leak.__name__
        figure("leaking variants for a system that reads, all noticed", len(leaks.IN_FHIR))
        monkeypatch.setattr("backend.access.scopes.professionals.is_bare", true)
        monkeypatch.setattr(
            scopes, "_known", scopes._known.__wrapped__
        )  # not as it was a moment ago
        twins.routes = frozenset({"pro.records.document"})
        assert await twins.compare("martin")


def masked_from_others(reports: Reports) -> list[Sent]:
    """Laura’s, which the laboratory that deposits them masks."""
    report = reports["laura-bilan-sanguin-v1"].report
    return [Sent(another(report, 900 + days, days=days), MASKED) for days in (1, 20)]


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


@pytest.fixture
async def twins(make_twins: MakeTwins, reports: Reports) -> AsyncIterator[Twins]:
    """One pair in which everything is hidden, for its two closest readers."""
    messages = [sent for way in ways(reports).values() for sent in way]
    async with make_twins(lambda world: deposit(world, messages), few=1) as twins:
        yield twins


async def test_a_service_that_tells_a_little_is_noticed(
    twins: Twins, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    monkeypatch.setattr("tests.twins.AT_LEAST", 2)
    twins.routes = READING
    assert not await told_apart(twins), "nothing, before anything leaks"
    twins.hasty = True
    for leak in leaks.IN_THE_CODE:
        with monkeypatch.context() as patch:
            leak(patch)
            assert await told_apart(twins), leak.__name__
    for name, query in leaks.IN_THE_HEADERS.items():
        for world in (twins.plain, twins.hiding):
            leaks.with_header(world, "laura", name, query)
        assert {found.what for found in await twins.compare("laura")} == {"headers"}, name
    figure("leaking variants, all noticed", len(leaks.IN_THE_CODE) + len(leaks.IN_THE_HEADERS) + 1)


async def told_apart(twins: Twins) -> bool:
    """By one of the two readers at least."""
    return bool(await twins.compare(CURIOUS[0]) or await twins.compare(CURIOUS[1]))


async def test_a_letter_that_leaves_too_soon_is_noticed(
    make_twins: MakeTwins, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaks.letters_leave_at_once(monkeypatch)
    messages = ways(reports)["withheld today"]
    async with make_twins(lambda world: deposit(world, messages), few=1) as twins:
        assert twins.compare_letters(but="")


@pytest.mark.parametrize(
    ("reader", "name", "flags"),
    [
        ("laura", "laura-bilan-sanguin-v1", WITHHELD),
        ("karim for lea", "lea-bilan-v1", FROM_GUARDIANS),
    ],
)
async def test_what_was_hidden_arrives_as_if_it_had_just_been_made(
    make_twins: MakeTwins, reports: Reports, reader: str, name: str, flags: dict[str, bool]
) -> None:
    first, second = (
        another(reports[name].report, 800, days=2, version=version) for version in (1, 2)
    )
    late = [Sent(first, flags), Sent(second, action=Action.REPLACE)]
    async with make_twins(lambda world: deposit(world, late), few=1) as twins:
        worlds = (twins.plain, twins.hiding)
        await deposit(twins.plain, [Sent(second)])
        await settled(twins.plain)
        for path in ("/", "/documents"):
            assert len({await told(world, reader, path) for world in worlds}) == 1, path
        arrived = set()
        for world in worlds:
            rows = await world.run("SELECT id FROM document ORDER BY deposited_at DESC LIMIT 1")
            arrived.add(await told(world, reader, f"/documents/{rows[0][0]}"))
        assert len(arrived) == 1


async def told(world: World, reader: str, path: str) -> str:
    """A page, its ids replaced by the order in which they come."""
    page = (await world.clients[reader].get(path)).text
    ids = list(dict.fromkeys(UUIDS.findall(page)))
    return UUIDS.sub(lambda found: str(ids.index(found[0])), page)


async def test_how_long_answers_take_is_measured(
    twins: Twins, scale: Scale, figure: Figure
) -> None:
    """Figures, not a verdict: how long the same question takes where there is something to hide.

    Times of one run depend on each other and on the machine: p is too small when it is busy.
    """
    hidden, unknown = f"/documents/{twins.hidden[0]}", f"/documents/{UNKNOWN}"
    here, there = (world.clients["laura"] for world in (twins.plain, twins.hiding))
    for what, one, other in (
        ("a hidden document, beside an unknown one", (there, unknown), (there, hidden)),
        ("the list, with hidden ones or without", (here, "/documents"), (there, "/documents")),
        ("home, with hidden ones or without", (here, "/"), (there, "/")),
    ):
        times = await alternately(one, other, scale.of(25, 500))
        ratio = median(times[1]) / median(times[0])
        figure(f"{what}: ratio of medians, p", f"{ratio:.3f}, {mann_whitney(*times):.2f}")


async def alternately(
    one: tuple[AsyncClient, str], other: tuple[AsyncClient, str], count: int
) -> tuple[list[float], list[float]]:
    """Seconds, each question in its turn, so that the machine’s moods are shared."""
    times: tuple[list[float], list[float]] = ([], [])
    turns = [*zip(times, (one, other), strict=True)]
    for number in range(WARM_UP + count):
        for spent, (client, path) in CHANCE.sample(turns, 2):
            start = perf_counter()
            await client.get(path)
            if number >= WARM_UP:
                spent.append(perf_counter() - start)
    return times


def mann_whitney(one: list[float], other: list[float]) -> float:
    """The chance that two samples of the same law differ as much (normal approximation)."""
    wins = sum((a > b) + (a == b) / 2 for a in one for b in other)
    n, m = len(one), len(other)
    z = (wins - n * m / 2) / sqrt(n * m * (n + m + 1) / 12)
    return erfc(abs(z) / sqrt(2))
