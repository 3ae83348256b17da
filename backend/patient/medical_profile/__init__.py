"""« Profil médical »: what people tell of their health, one question a page; and its synthesis."""

from litestar import Router

from backend.patient.medical_profile import pages, synthesis

router = Router(
    "/profil",
    route_handlers=[
        *(synthesis.show, synthesis.save, synthesis.take),
        *(pages.index, pages.show, pages.declare, pages.add),
        *(pages.edit, pages.put, pages.leave, pages.remove),
    ],
)
