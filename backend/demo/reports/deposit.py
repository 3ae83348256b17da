"""What a demonstration laboratory sends: a report and how it is sent."""

from datetime import datetime, timedelta

from msgspec import Struct

from backend.demo.people import Laboratory, Someone
from backend.demo.reports.build import Sitting
from backend.domain.formats.hl7v2_writer import Action
from backend.domain.reports import Report


class DemoDeposit(Struct, frozen=True, kw_only=True):
    """One message to come."""

    name: str
    at: datetime
    """When the laboratory sent it: the order of deposits."""
    laboratory: Laboratory
    patient: Someone
    report: Report
    action: Action = Action.NEW
    kind: str = "ORU"
    """`ORU` or `MDM`."""
    raised: frozenset[str] = frozenset()
    """Visibility flags sent as Y (INVISIBLE_PATIENT, MASQUE_PS, INVISIBLE_REP_LEGAUX)."""
    charset: str = "UNICODE UTF-8"


def deposit(
    sitting: Sitting,
    report: Report,
    *,
    action: Action | None = None,
    kind: str = "ORU",
    raised: str = "",
    charset: str = "UNICODE UTF-8",
) -> DemoDeposit:
    """A report on its way: a replacement from its second version on; deletions a day after."""
    version = report.header.version or 1
    doing = action or (Action.REPLACE if version > 1 else Action.NEW)
    late = timedelta(days=1) if doing is Action.DELETE else timedelta(minutes=3)
    return DemoDeposit(
        name=f"{sitting.name}-v{version}" + ("-suppression" if doing is Action.DELETE else ""),
        at=report.header.created + late,
        laboratory=sitting.laboratory,
        patient=sitting.patient,
        report=report,
        action=doing,
        kind=kind,
        raised=frozenset(raised.split()),
        charset=charset,
    )
