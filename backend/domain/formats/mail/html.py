"""A page in HTML reduced to its words, in one pass: nothing of it is ever shown as a page."""

import re
from html import unescape

from backend.domain.formats.mail.parsing import LONGEST_TEXT, plain

SILENT = ("script", "style", "head", "title", "template", "svg", "math")
BLOCKS = frozenset(
    {
        *("p", "div", "br", "tr", "li", "ul", "ol", "table", "blockquote", "pre", "hr"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer"),
    }
)
NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,20})", re.ASCII)
SPACES, LINES = re.compile(r"[ \t\r\f\v\xa0]+"), re.compile(r"\s*\n\s*\n\s*")


def text_of_html(page: str) -> str:
    """Its words, a line for each block; what is not closed says nothing."""
    page, small = page[:LONGEST_TEXT], page[:LONGEST_TEXT].lower()
    found: list[str] = []
    place = 0
    while (opened := page.find("<", place)) >= 0:
        found.append(_words(page[place:opened]))
        name, place = _after_tag(page, small, opened)
        if name in BLOCKS:
            found.append("\n")
        elif place == opened + 1:  # « < » as people write it
            found.append("<")
        if place < 0:
            break
    if place >= 0:
        found.append(_words(page[place:]))
    lines = [line.strip() for line in "".join(found).split("\n")]
    return LINES.sub("\n\n", "\n".join(lines)).strip()


def _words(text: str) -> str:
    return SPACES.sub(" ", plain(unescape(text)).replace("\n", " "))


def _after_tag(page: str, small: str, opened: int) -> tuple[str, int]:
    """The name of the tag that opens there, and where its words go on; -1: nowhere."""
    if page.startswith("<!--", opened):
        end = page.find("-->", opened + 4)
        return "", end + 3 if end >= 0 else -1
    named = NAME.match(page, opened + 1)
    if named is None and page[opened + 1 : opened + 2] not in {"!", "?"}:
        return "", opened + 1
    name = named[1].lower() if named else ""
    end = page.find(">", opened)
    if end < 0:
        return name, -1
    if name in SILENT and page[opened + 1] != "/":
        closing = small.find(f"</{name}", end)
        end = page.find(">", closing) if closing >= 0 else -1
        return name, end + 1 if end >= 0 else -1
    return name, end + 1
