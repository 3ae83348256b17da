"""What can be wrong with a message, in the terms of HL7 (table 0357) and of the volet."""

from backend.domain.errors import Problem

WORDS = {
    "0": "Message accepted",
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "198": "Non-conformant cardinality",
    "199": "Other HL7 error",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "207": "Application error",
}
APPLICATION_WORDS = {
    "900": "Version du document erronée",
    "901": "Auteur non autorisé",
    "902": "Patient inconnu",
    "903": "INS absente du document",
    "904": "INS discordante",
    "905": "Traits INS incomplets",
    "906": "Autre erreur",
}


class MessageError(Problem):
    """`code` of table 0357, where (segment, occurrence, field, component), and a sentence.

    `severity` W (table 0516) goes with a message that is accepted.
    """

    def __init__(
        self,
        code: str,
        message: str,
        place: tuple[str, int, int, int] = ("MSH", 1, 0, 0),
        *,
        app_code: str = "",
        severity: str = "E",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.place = place
        self.app_code = app_code
        self.severity = severity
