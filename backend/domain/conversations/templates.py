"""Texts ready to be changed and sent, shipped as data."""

import csv
from importlib.resources import files

from msgspec import Struct


class Model(Struct, frozen=True):
    """One text."""

    key: str
    title: str
    text: str


def _read() -> tuple[Model, ...]:
    text = (files("backend.domain.codes") / "message_templates.csv").read_text(encoding="utf-8")
    return tuple(Model(**line) for line in csv.DictReader(text.splitlines(keepends=True)))


TEMPLATES = _read()


def model_of(key: str) -> Model | None:
    """By its key; None when there is none."""
    return next((one for one in TEMPLATES if one.key == key), None)
