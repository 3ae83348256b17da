import pytest
from litestar import Litestar
from litestar.testing import RequestFactory

from backend.web.htmx import is_htmx, wants_fragment

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.mark.parametrize(
    ("headers", "fragment"),
    [
        ({}, False),
        (PART, True),
        ({"HX-Request": "true"}, True),
        ({**PART, "HX-Request-Type": "full"}, False),
        ({**PART, "HX-Boosted": "true"}, False),
        ({**PART, "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_a_part_is_for_htmx_asking_for_a_part(headers: dict[str, str], *, fragment: bool) -> None:
    request = RequestFactory(Litestar(logging_config=None)).get("/", headers=headers)
    assert wants_fragment(request) is fragment
    assert is_htmx(request) is bool(headers)
