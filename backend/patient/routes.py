"""Every door of the patient's space."""

from litestar import Router

from backend.access.doors import PATIENTS
from backend.patient import (
    access,
    account,
    activation,
    analyses,
    caregivers,
    closing,
    confirm,
    conversations,
    documents,
    folders,
    home,
    masking,
    measures,
    medical_profile,
    misfilings,
    notices,
    other_ways,
    own_documents,
    profiles,
    recovery,
    security,
    showings,
    sign_in,
)
from backend.web.bodies import FORM_BYTES

router = Router(
    "/",
    route_handlers=[
        sign_in.router,
        access.router,
        account.router,
        other_ways.router,
        activation.router,
        closing.router,
        folders.router,
        masking.router,
        misfilings.router,
        own_documents.router,
        showings.router,
        notices.router,
        security.router,
        recovery.router,
        Router(
            "/",
            route_handlers=[
                *(home.router, documents.router, analyses.router, confirm.router),
                conversations.router,
                *(profiles.router, caregivers.router, measures.router, medical_profile.router),
            ],
            opt={"door": PATIENTS},
        ),
    ],
    request_max_body_size=FORM_BYTES,
)
