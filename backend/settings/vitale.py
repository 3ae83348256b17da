"""Reads where the connector that reads cartes Vitale answers, on the machine of each desk."""

import re

from backend.settings.reading import Reader

ADDRESS = re.compile(r"http://(?:127\.0\.0\.1|localhost):[1-9]\d{0,4}")
"""Pages say it to browsers, and let them ask nobody else."""


def read_vitale_url(read: Reader) -> str:
    """Empty without a connector: a demonstration has an emulator, elsewhere no card is read."""
    url = read.text("VITALE_URL").rstrip("/")
    if url and not ADDRESS.fullmatch(url):
        read.refuse("VITALE_URL", "must be like http://127.0.0.1:9982: the desk’s own machine.")
    return url
