"""What e-mail and SMS have in common: they fail for now or for good, and carry clean text."""

import re

from backend.domain.errors import Refused

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class PermanentFailure(Refused):
    """Trying again would not help: the address or the number is to be corrected."""

    message = "Ce message ne peut pas être remis. Vérifiez l’adresse ou le numéro."


def check_line(text: str) -> None:
    """One line, without control characters, or PermanentFailure."""
    if CONTROL.search(text):
        raise PermanentFailure


def check_lines(text: str) -> None:
    """Lines, without any other control character, or PermanentFailure."""
    check_line(text.replace("\n", ""))
