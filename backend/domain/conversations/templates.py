"""Texts ready to be changed and sent: shipped as data, or kept by a laboratory."""

import csv
from importlib.resources import files

from msgspec import Struct

from backend.domain.errors import Refused
from backend.domain.formats.mail.parsing import plain

MODELS_AT_MOST = 20
TITLE_AT_MOST, MODEL_AT_MOST = 60, 2_000


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


def read_model_title(text: str) -> str:
    """1 to 60 characters on one line; it becomes the subject of the message."""
    title = " ".join(plain(text).split())
    if not title:
        raise Refused("Écrivez le titre du modèle.")
    if len(title) > TITLE_AT_MOST:
        raise Refused(f"Ce titre est trop long : {TITLE_AT_MOST} caractères au plus.")
    return title


def read_model_text(text: str) -> str:
    """What the message will say, its lines kept."""
    words = plain(text).replace("\t", " ").strip()
    if not words:
        raise Refused("Écrivez le texte du modèle.")
    if len(words) > MODEL_AT_MOST:
        raise Refused(f"Ce texte est trop long : {MODEL_AT_MOST} caractères au plus.")
    return words


def check_models(kept: int) -> None:
    """Refused when a laboratory has as many as it may."""
    if kept >= MODELS_AT_MOST:
        raise Refused(f"Vous avez déjà {MODELS_AT_MOST} modèles. Supprimez-en un d’abord.")
