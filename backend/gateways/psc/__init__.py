"""Pro Santé Connect: OpenID Connect for professionals, refused whenever anything is not right."""

from backend.gateways.psc.client import Identified, PscClient, open_psc
from backend.gateways.psc.reading import Distrusted

__all__ = ["Distrusted", "Identified", "PscClient", "open_psc"]
