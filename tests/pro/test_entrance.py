"""The entrance of professionals: in by Pro Santé Connect, for one activity, and out."""

from litestar import Litestar

from tests.pages import text_of
from tests.pro.psc import Desk


async def test_a_biologist_comes_in_and_leaves(app: Litestar) -> None:
    desk = Desk(app)
    home = await desk.works("rousseau")
    assert home.status_code == 200
    assert "en tant que biologiste , Laboratoire de l’Estuaire, Nantes" in text_of(home)
