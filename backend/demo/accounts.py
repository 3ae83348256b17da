"""Who may be played in the demonstration, and which laboratory systems may deposit."""

from typing import Any

from litestar import Router, get
from litestar.response import Template

from backend.demo.people import LABORATORIES, everyone
from backend.web import page


@get("/comptes", name="demo.accounts.index")
async def index() -> Template:
    """For people."""
    return page("demo/accounts.html", **_cast())


@get("/comptes.json", name="demo.accounts.data")
async def data() -> dict[str, Any]:
    """For programs."""
    return _cast()


def _cast() -> dict[str, Any]:
    return {
        "people": [
            {
                "name": f"{someone.traits.first_given.title()} {someone.traits.birth_name.title()}",
                "identifier": someone.identifier,
                "password": someone.password,
                "role": "patient",
            }
            for someone in everyone()
            if someone.identifier
        ],
        "newcomers": [
            {
                "name": f"{someone.traits.first_given.title()} {someone.traits.birth_name.title()}",
                "code": someone.code,
                "nir": someone.traits.matricule,
                "vitale": someone.vitale,
                "state": someone.state.value,
            }
            for someone in everyone()
            if someone.code
        ],
        "clients": [
            {
                "client_id": laboratory.client_id,
                "client_secret": laboratory.client_secret,
                "finess": laboratory.structure.finess,
                "name": laboratory.structure.name,
            }
            for laboratory in LABORATORIES
        ],
    }


router = Router("/", route_handlers=[index, data])
