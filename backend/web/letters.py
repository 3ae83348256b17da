"""The text of e-mails and SMS: templates whose first line may be `Objet : …`."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from jinja2 import Environment


@dataclass(frozen=True, slots=True)
class Letter:
    """One message ready to send."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes letters that know where the service lives."""

    environment: Environment
    public_url: str

    def write(self, template: str, **values: str) -> Letter:
        """Render `template`; its subject is the first line if it starts with `Objet :`."""
        text = self.environment.get_template(template).render(
            public_url=self.public_url, host=urlsplit(self.public_url).hostname, **values
        )
        first, _, rest = text.partition("\n")
        if first.startswith("Objet :"):
            return Letter(first.removeprefix("Objet :").strip(), rest.strip() + "\n")
        return Letter("", text.strip())
