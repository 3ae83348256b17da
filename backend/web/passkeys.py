"""What pages with passkeys share: where passkeys are valid, and questions for the browser."""

from urllib.parse import urlsplit

from litestar.response import Response

from backend.services.sign_in import Rejected, Site
from backend.settings import Settings


def site_of(settings: Settings) -> Site:
    """The host and the origin of the public address: passkeys made there are valid nowhere else."""
    address = urlsplit(settings.public_url)
    return Site(address.hostname or "", f"{address.scheme}://{address.netloc}")


def as_json(asked: str | Rejected) -> Response[str]:
    """The question for `static/js/passkeys.js`, or 429."""
    if isinstance(asked, Rejected):
        headers = {"Retry-After": str(asked.retry_after)}
        return Response("{}", media_type="application/json", status_code=429, headers=headers)
    return Response(asked, media_type="application/json", status_code=200)
