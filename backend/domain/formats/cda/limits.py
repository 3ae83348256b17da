"""How much a document may say: far above any report, far below what stops a service.

Size alone does not bound a report: words of the narrative are said again by each result that
points at them, titles by each result under them, and a few megabytes would become gigabytes.
"""

from msgspec import Struct

from backend.domain.formats.cda.errors import InvalidDocument
from backend.domain.formats.cda.nodes import NS, Node

MOST_RESULTS = 2_000
MOST_MEDIA = 50
MOST_WORDS = 4_000_000
"""Characters that results and comments take from the narrative, all together."""
LONGEST_LINE = 1_000
"""Characters of a title, a name, a label, a number."""
LONGEST_TEXT = 100_000
"""Characters of a comment, or of a result in words."""

TEXT, REFERENCE = f"{{{NS['c']}}}text", f"{{{NS['c']}}}reference"


def check_count(found: int, most: int, what: str) -> None:
    """`what` goes on after « trop de »."""
    if found > most:
        raise InvalidDocument(f"Le document a trop de {what}.")


def check_line(*texts: str) -> None:
    """What is shown on one line, or InvalidDocument."""
    if max(map(len, texts), default=0) > LONGEST_LINE:
        raise InvalidDocument("Un nom, un titre ou une valeur du document est trop long.")


def check_texts(*texts: str) -> None:
    """What is read as a paragraph, or InvalidDocument."""
    if max(map(len, texts), default=0) > LONGEST_TEXT:
        raise InvalidDocument("Un texte du document est trop long.")


def check_lines_of(thing: object) -> None:
    """Every text of a header, however deep."""
    if isinstance(thing, str):
        check_line(thing)
    elif isinstance(thing, tuple):
        for part in thing:
            check_lines_of(part)
    elif isinstance(thing, Struct):
        for name in thing.__struct_fields__:
            check_lines_of(getattr(thing, name))


def check_references(root: Node, words: dict[str, str]) -> None:
    """What all references together would repeat, or InvalidDocument."""
    said = sum(
        len(words.get((node.get("value") or "").removeprefix("#"), ""))
        for node in root.iter(REFERENCE)
    )
    if said > MOST_WORDS:
        raise InvalidDocument("Les textes du document sont trop longs.")
