"""What somebody who cannot come in any more may type."""

from backend.domain.sign_in import read_code


def read_optional_code(text: str) -> str:
    """Six digits, or nothing."""
    return read_code(text) if text.strip() else ""
