"""Reading forms: every field is tried, every error is kept, what was typed is given back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from backend.domain.errors import NotFound, Refused

V = TypeVar("V")


class Draft:
    """What the person typed and what is wrong with it, by field. Passwords are never given back."""

    def __init__(
        self, sent: Mapping[str, Any] | None = None, *, fields: tuple[str, ...], secret: str = ""
    ) -> None:
        self._sent = {name: _text(sent or {}, name) for name in fields}
        self.typed = {name: "" if name == secret else text for name, text in self._sent.items()}
        self.errors: dict[str, str] = {}

    def take(self, name: str, parse: Callable[[str], V]) -> V | None:
        """Parse one field with a domain parser; a refusal becomes the field's message."""
        try:
            return parse(self._sent[name])
        except Refused as refusal:
            self.errors[name] = refusal.message
            return None


def texts_of(form: Any, *names: str) -> dict[str, list[str]]:
    """What was typed and ticked under these names: of a form, or of an address."""
    return {name: [one for one in form.getall(name, []) if isinstance(one, str)] for name in names}


def first_of(typed: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """One text a field, for a Draft."""
    return {name: values[0] for name, values in typed.items() if values}


def read_ids(texts: Iterable[str]) -> tuple[UUID, ...]:
    """The ids of a form, each once; an empty one is none, and what is no id is of nothing."""
    try:
        return tuple(dict.fromkeys(UUID(text) for text in texts if text))
    except ValueError as error:
        raise NotFound from error


def _text(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name, "")
    return value if isinstance(value, str) else ""  # a file where words are expected is no words
