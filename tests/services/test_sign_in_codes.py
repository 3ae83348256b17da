import asyncio

from sqlalchemy import select, text

from backend.services.sign_in import Complete, Reason, Waiting
from backend.storage.accounts import (
    Challenge,
    Channel,
    Login,
)
from tests.services.laura import Laura


async def test_sixty_parallel_wrong_guesses_count_five(laura: Laura) -> None:
    half = (await laura.starts()).session_id
    right = (await laura.receives()).code
    wrong = [f"{number:06d}" for number in range(61) if f"{number:06d}" != right][:60]

    answers = await asyncio.gather(*(laura.enters(half, guess) for guess in wrong))

    reasons = [answer.reason for answer in answers]
    assert reasons.count(Reason.CODE) == 5
    assert reasons.count(Reason.DEAD_CODE) == 55
    assert await laura.one(select(Challenge.tries)) == 5
    assert (await laura.enters(half, right)).reason is Reason.DEAD_CODE


async def test_fifty_parallel_redemptions_of_the_right_code_succeed_once(laura: Laura) -> None:
    half = (await laura.starts()).session_id
    right = (await laura.receives()).code

    answers = await asyncio.gather(*(laura.enters(half, right) for _ in range(50)))

    assert [type(answer) for answer in answers].count(Complete) == 1
    assert await laura.count(Login) == 1


async def test_a_code_opens_its_own_browser_only(laura: Laura) -> None:
    first = await laura.starts()
    code = (await laura.receives()).code
    await laura.waits(60)
    second = await laura.starts()
    assert (await laura.enters(second.session_id, code)).reason is Reason.CODE
    assert isinstance(await laura.enters(first.session_id, code), Complete)


async def test_the_tries_left_are_told(laura: Laura) -> None:
    half = (await laura.starts()).session_id
    right = (await laura.receives()).code
    wrong = "000000" if right != "000000" else "000001"
    told = [(await laura.enters(half, wrong)).message for _ in range(6)]
    assert told[0].endswith("Il vous reste 4 essais.")
    assert told[3].endswith("Il vous reste un essai.")
    assert told[4].endswith("Demandez-en un nouveau pour continuer.")
    assert told[5] == "Ce code n’est plus valable. Demandez-en un nouveau."


async def test_a_code_lives_ten_minutes(laura: Laura) -> None:
    half = (await laura.starts()).session_id
    code = (await laura.receives()).code
    await laura.waits(599)
    assert await laura.receives()
    await laura.waits(2)
    assert (await laura.enters(half, code)).reason is Reason.DEAD_CODE


async def test_ten_wrong_codes_close_the_day_for_right_ones_too(laura: Laura) -> None:
    half = (await laura.starts()).session_id
    for _ in range(2):
        for guess in range(5):
            await laura.enters(half, f"{guess:06d}")
        await laura.waits(400)
        assert isinstance(await laura.resends(half), Waiting)
    refused = await laura.enters(half, (await laura.receives()).code)
    assert refused.reason is Reason.TOO_OFTEN
    assert "heures" in refused.message


async def test_another_code_waits_thirty_seconds_and_replaces_the_first(laura: Laura) -> None:
    half = (await laura.starts()).session_id
    first = (await laura.receives()).code
    early = await laura.resends(half)
    assert (early.reason, early.retry_after) == (Reason.TOO_OFTEN, 30)
    await laura.waits(31)

    assert await laura.resends(half) == Waiting(Channel.EMAIL, Channel.SMS, 30)

    second = (await laura.receives()).code
    assert first == second or (await laura.enters(half, first)).reason is Reason.CODE
    assert isinstance(await laura.enters(half, second), Complete)


async def test_the_code_can_come_by_the_other_channel(laura: Laura) -> None:
    half = (await laura.starts()).session_id
    await laura.waits(31)
    sent = await laura.resends(half, other_channel=True)
    assert sent == Waiting(Channel.SMS, Channel.EMAIL, 30)
    code = await laura.receives()
    assert (code.channel, code.to) == (Channel.SMS, "+33639980135")
    assert isinstance(await laura.enters(half, code.code), Complete)


async def test_a_channel_that_was_never_proved_is_not_offered(laura: Laura) -> None:
    async with laura.sessions.begin() as db:
        await db.execute(text("UPDATE account SET phone_verified_at = NULL"))
    half = (await laura.starts()).session_id
    await laura.waits(31)
    assert await laura.resends(half, other_channel=True) == Waiting(Channel.EMAIL, None, 30)


async def test_codes_cannot_be_asked_for_without_end(laura: Laura) -> None:
    half = (await laura.starts()).session_id
    sent = 1
    for _ in range(10):
        await laura.waits(31)
        sent += isinstance(await laura.resends(half), Waiting)
    assert sent == 4  # three at once, then one every five minutes
