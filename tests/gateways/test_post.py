"""Letters on paper: left for the printing house once, or shown in a demonstration."""

from pathlib import Path

import pytest

from backend.gateways.delivery import PermanentFailure
from backend.gateways.post import DemoPost, NoPost, Paper, Post, open_post
from backend.gateways.sinks import Inbox

LETTER = Paper("a1b2", "Une Personne, 1 rue du Port", "Bonjour", b"%PDF-1")


async def test_a_letter_is_left_as_a_file_and_only_once(tmp_path: Path) -> None:
    post = open_post(f"file://{tmp_path}", Inbox(), demo=False)
    assert isinstance(post, Post)
    await post.send(LETTER)
    again = Paper("a1b2", LETTER.to, LETTER.text, b"another drawing of the same letter")
    await post.send(again)
    assert left_in(tmp_path) == {"a1b2.pdf": b"%PDF-1"}


def left_in(folder: Path) -> dict[str, bytes]:
    """What the printing house would find."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_a_demonstration_shows_what_it_says() -> None:
    inbox = Inbox()
    post = open_post("", inbox, demo=True)
    assert isinstance(post, DemoPost)
    await post.send(LETTER)
    (message,) = inbox.messages()
    assert (message.channel, message.to, message.text) == ("letter", LETTER.to, "Bonjour")


async def test_without_a_printing_house_a_promise_fails_and_is_seen() -> None:
    post = open_post("", Inbox(), demo=False)
    assert isinstance(post, NoPost)
    with pytest.raises(PermanentFailure):
        await post.send(LETTER)
