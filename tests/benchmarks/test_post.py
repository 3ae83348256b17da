"""The letters of a benchmark: the code that is in each is kept for whoever waits for it."""

from email.headerregistry import Address

from aiosmtpd.controller import Controller
from aiosmtplib import send

from backend.gateways.mail import Mail, compose
from benchmarks.service import PostOffice, free_port

TO = "camille@patients.example"
LETTER = Mail(TO, "Votre code Repères", "Bonjour,\n\nVotre code est : 123 456\n", "essai-1")
SENDER = Address("Repères", addr_spec="reperes@service.example")


async def test_the_code_of_a_letter_is_given_once() -> None:
    post = PostOffice()
    server = Controller(post, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        await send(compose(LETTER, SENDER), hostname="127.0.0.1", port=server.port, start_tls=False)

        assert await post.code_of(TO) == "123456"
        assert post.codes == {}
    finally:
        server.stop()
