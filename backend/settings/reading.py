"""Reads variables one by one and keeps every complaint: an operator sees them all at once."""

from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

PREFIX = "REPERES_"
FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
LIKE_A_MISTAKE = 0.9

E = TypeVar("E", bound=StrEnum)


class Reader:
    """`REPERES_X` or the content of the file `REPERES_X_FILE`, read as what it should be."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.problems: list[str] = []
        self.known: set[str] = set()
        self._env = env

    def text(self, name: str, default: str = "") -> str:
        """The value without blanks around it; an empty one counts as absent."""
        variable = PREFIX + name
        self.known |= {variable, f"{variable}_FILE"}
        value = self._env.get(variable, "").strip()
        file = self._env.get(f"{variable}_FILE", "").strip()
        if value and file:
            self.refuse(name, f"is given twice: keep {variable} or {variable}_FILE.")
        return value or (self._content(name, file) if file else "") or default

    def number(self, name: str, default: int, *, least: int = 0, most: int = 2**53) -> int:
        text = self.text(name)
        if not text:
            return default
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        self.refuse(name, f"is “{text}”: a whole number from {least} to {most} is expected.")
        return default

    def flag(self, name: str, *, default: bool) -> bool:
        text = self.text(name)
        if text and text.lower() not in FLAGS:
            self.refuse(name, f"is “{text}”: true or false is expected.")
        return FLAGS.get(text.lower(), default)

    def one_of(self, name: str, kind: type[E], default: E) -> E:
        text = self.text(name, default)
        if text in set(kind):
            return kind(text)
        self.refuse(name, f"is “{text}”: {' or '.join(kind)} is expected.")
        return default

    def refuse(self, name: str, sentence: str) -> None:
        """Complain: `sentence` goes on after the variable's name."""
        self.problems.append(f"{PREFIX}{name} {sentence}")

    def check_spelling(self) -> None:
        """Complain of a variable that nobody asked for and that looks like one of ours."""
        ours = {name for name in self._env if name.startswith(PREFIX)}
        for name in sorted(ours - self.known):
            if meant := get_close_matches(name, self.known, 1, LIKE_A_MISTAKE):
                self.problems.append(f"{name} is not a setting. Did you mean {meant[0]}?")

    def _content(self, name: str, file: str) -> str:
        try:
            return Path(file).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            self.refuse(f"{name}_FILE", f"names {file}, which cannot be read: {reason}.")
            return ""
