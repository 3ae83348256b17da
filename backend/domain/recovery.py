"""What somebody who cannot come in any more may type."""

from backend.domain.activation import read_provisional_code
from backend.domain.sign_in import read_code


def read_optional_code(text: str) -> str:
    """Six digits, or nothing."""
    return read_code(text) if text.strip() else ""


def read_optional_provisional_code(text: str) -> str:
    """Twelve letters and digits, or nothing."""
    return read_provisional_code(text) if text.strip() else ""
