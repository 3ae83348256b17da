"""What can go wrong, in the words of the trade; `web/errors.py` gives each its page."""


class Problem(Exception):
    """Base of every expected failure. `message` is French and safe to show."""

    title = "Un problème est survenu"
    message = "Un problème est survenu chez nous. Réessayez dans quelques minutes."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message


class NotFound(Problem):
    """It does not exist, or not for this actor: the two must look the same."""

    message = "Cette page n’existe pas ou n’est pas pour vous."


class Forbidden(Problem):
    """The actor sees the thing but may not do this to it."""

    message = "Vous ne pouvez pas faire cela."


class Refused(Problem):
    """A rule of the trade says no; the person can read why and act on it."""


class Unavailable(Problem):
    """A neighbour we depend on does not answer: try again later, nothing was lost."""

    message = "Ce service ne répond pas. Réessayez dans quelques minutes."


class Damaged(Unavailable):
    """A file that the disk or somebody altered: this one only, and whoever runs us was told."""

    message = "Ce document est indisponible pour le moment. Le service a été prévenu."
