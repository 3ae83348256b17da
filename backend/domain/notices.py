"""What happens in a record that its people are told of, and in which words.

The words leave our hands (a lock screen, a shared letter box): they name nobody and nothing
medical. What really happened is on the page that they lead to.
"""

from collections.abc import Mapping
from enum import StrEnum


class Event(StrEnum):
    """Stored as these words, in notices and promises."""

    NEW = "new"
    """A document may be read for the first time, deposited or released that day."""
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    CHECKED = "checked"
    """They said that it is not theirs; its laboratory checked, and it is there again."""
    UPDATED = "updated"
    """Fourteen days with nobody to announce it: something came, nothing more (R.1111-53)."""
    FIRST_ACCESS = "first-access"
    """A professional opened the record who never had."""
    EMERGENCY_ACCESS = "emergency-access"
    MESSAGE = "message"
    """A professional wrote."""
    SHOWING_ENTERED = "showing-entered"
    """Somebody typed a code that the person made to show documents."""


READABLE = frozenset({Event.NEW, Event.REPLACED})
"""There is a version to read: only the last of several is worth a message."""
ABOUT_THE_RECORD = frozenset(
    {
        *(Event.UPDATED, Event.FIRST_ACCESS, Event.EMERGENCY_ACCESS, Event.SHOWING_ENTERED),
        Event.MESSAGE,
    }
)
"""They name no document; aidants are not told of them."""
URGENT = frozenset({Event.EMERGENCY_ACCESS})
"""They wait for neither morning nor digest."""

MESSAGES = {
    Event.NEW: "Vous avez un nouveau document.",
    Event.REPLACED: "Un document a été modifié.",
    Event.WITHDRAWN: "Un document a été retiré.",
    Event.CHECKED: "Un document a été vérifié.",
    Event.UPDATED: "Votre espace a été mis à jour.",
    Event.FIRST_ACCESS: "Un professionnel a ouvert votre espace pour la première fois.",
    Event.EMERGENCY_ACCESS: "Un accès exceptionnel à votre espace a eu lieu.",
    Event.MESSAGE: "Vous avez un nouveau message.",
    Event.SHOWING_ENTERED: "Quelqu’un a ouvert ce que vous partagez.",
}
"""What a message says, on whatever channel."""
DIGEST, TRIAL = "digest", "trial"
SAID: Mapping[str, str] = {
    **{event.value: words for event, words in MESSAGES.items()},
    DIGEST: "Il y a du nouveau dans votre espace.",
    TRIAL: "Ceci est un essai : vos notifications arrivent bien.",
}

TITLES = {
    Event.NEW: "Un nouveau document est arrivé",
    Event.REPLACED: "Un document a été corrigé",
    Event.WITHDRAWN: "Un document a été retiré par le laboratoire",
    Event.CHECKED: "Le laboratoire a vérifié : ce document est dans le bon dossier",
    Event.UPDATED: "Le dossier a été mis à jour : parlez-en à votre médecin",
    Event.MESSAGE: "Un nouveau message est arrivé",
    Event.SHOWING_ENTERED: "Quelqu’un a ouvert un partage avec son code",
    Event.FIRST_ACCESS: "{who} a ouvert le dossier pour la première fois",
    Event.EMERGENCY_ACCESS: "{who} a ouvert le dossier en urgence",
}
"""What a page says, to who signed in; `who` is a professional’s name."""
