"""Web push: the example of the RFC, a service that checks, addresses that are not written to."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from backend.domain.errors import Refused, Unavailable
from backend.domain.push import Subscription, read_subscription
from backend.gateways.delivery import PermanentFailure
from backend.gateways.push import CURVE, Gone, WebPush, encoded, encrypt
from backend.settings.parts import BROWSERS_HOSTS
from tests.gateways.push_service import decoded, push_service

SERVER = decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
BROWSER = Subscription(
    "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
    decoded(
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    ),
    decoded("BTBZMqHH6r4Tts7J_aSIgg"),
)
SALT = decoded("DGv6ra1nlYgDCS1FRnbzlw")
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
    "lcy4a-fN"
)
SECRET = bytes(range(32))


def test_the_example_of_rfc_8291() -> None:
    key = ec.derive_private_key(int.from_bytes(SERVER), CURVE)
    said = b"When I grow up, I want to be a watermelon"
    assert encoded(encrypt(said, BROWSER, key=key, salt=SALT, padded=0)) == BODY


async def test_a_service_that_checks_lets_it_through_and_answers() -> None:
    async with push_service() as service:
        sender = WebPush(SECRET, "mailto:a@b.example", (service.origin,))
        to = read_subscription(service.subscription())
        for words in ('{"title":"Repères"}', '{"title":"Message","body":"Un message"}'):
            await sender.send(to, words.encode(), "topic")
        assert [message["title"] for message in service.received] == ["Repères", "Message"]
        assert len(service.sizes) == 1, "its length tells nothing"
        for status, error in ((404, Gone), (410, Gone), (413, PermanentFailure)):
            service.status = status
            with pytest.raises(error):
                await sender.send(to, b"{}", "topic")
        for status in (429, 500, 403):
            service.status = status
            with pytest.raises(Unavailable):
                await sender.send(to, b"{}", "topic")
        await sender.aclose()
    with pytest.raises(Unavailable):
        await WebPush(SECRET, "mailto:a@b.example", (service.origin,)).send(to, b"{}", "topic")


def test_the_key_is_the_same_at_each_start() -> None:
    keys = {WebPush(SECRET, "mailto:a@b.example", ()).public_key for _ in range(2)}
    assert len(keys) == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://fcm.googleapis.com/fcm/send/1",
        "https://fcm.googleapis.com.evil.example/1",
        "https://evilfcm.googleapis.com@10.0.0.1/",
        "https://notfcm.googleapis.example/",
        "https://fcm.googleapis.com:8443/1",
        "https://10.0.0.1/",
        "https://localhost/",
        "http://127.0.0.1:8000/",
        "file:///etc/passwd",
        "https://[",
        "",
    ],
)
async def test_what_is_no_push_service_is_not_written_to(address: str) -> None:
    sender = WebPush(SECRET, "mailto:a@b.example", BROWSERS_HOSTS)
    assert not sender.knows(address)
    with pytest.raises(Gone):
        await sender.send(Subscription(address, BROWSER.p256dh, BROWSER.auth), b"{}", "topic")
    await sender.aclose()


def test_the_browsers_own_services_are_known() -> None:
    sender = WebPush(SECRET, "mailto:a@b.example", BROWSERS_HOSTS)
    for host in ("fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com"):
        assert sender.knows(f"https://{host}/x")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"endpoint": "https://a.b/", "keys": {"p256dh": "AA", "auth": "é"}}']
)
def test_what_is_no_subscription_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_subscription(text)
