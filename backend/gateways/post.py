"""Paper letters: one PDF each, left where the printing house takes them.

`REPERES_LETTERS_URL` is a folder or a bucket; the printing house empties it by its own means.
A letter is written once under the key of its promise: a resend after a crash finds it there.
"""

from dataclasses import dataclass

from backend.gateways.delivery import PermanentFailure
from backend.gateways.files import Files, open_files
from backend.gateways.sinks import Inbox


@dataclass(frozen=True, slots=True)
class Paper:
    """One letter: the PDF that is printed, and what it says, for who shows it otherwise."""

    id: str
    to: str
    text: str
    pdf: bytes


class Post:
    """Leaves PDFs in a store."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def send(self, paper: Paper) -> None:
        """Returns when the letter is there and would survive a power cut; else Unavailable."""
        await self._files.put_once(f"{paper.id}.pdf", paper.pdf)


class DemoPost:
    """Shows what a letter says on the page of the demonstration's letter box."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def send(self, paper: Paper) -> None:
        """It is there at once."""
        self._inbox.add("letter", paper.to, "Courrier", paper.text)


class NoPost:
    """No printing house: a promise of a letter fails visibly."""

    async def send(self, paper: Paper) -> None:  # noqa: ARG002 - the shape of Post
        raise PermanentFailure


def open_post(url: str, inbox: Inbox, *, demo: bool) -> Post | DemoPost | NoPost:
    """The post that these settings describe."""
    if url:
        return Post(open_files(url))
    return DemoPost(inbox) if demo else NoPost()
