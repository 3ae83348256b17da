"""What the people of a structure see of the systems that connect to it: theirs, and no other’s."""

from datetime import datetime

from sqlalchemy import Select, select

from backend.access.actors import Actor
from backend.access.scopes.desk import systems_here
from backend.storage.structures import MachineCertificate, MachineClient
from backend.storage.traces import Trace

TOKEN = "token:issue"  # noqa: S105 - the name of a line of the journal


def systems_and_tokens(actor: Actor) -> Select[MachineClient, datetime | None]:
    """Each system, and when it was last given a token. Its lane of the journal says it."""
    last = (
        select(Trace.at)
        .where(Trace.lane == MachineClient.id, Trace.action == TOKEN, Trace.allowed)
        .order_by(Trace.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return systems_here(actor).add_columns(last).order_by(MachineClient.client_id)


def certificates_here(actor: Actor) -> Select[MachineClient, MachineCertificate]:
    """The certificates of these systems, by which they come on a line."""
    return (
        systems_here(actor)
        .join(MachineCertificate, MachineCertificate.client_id == MachineClient.id)
        .add_columns(MachineCertificate)
        .order_by(MachineClient.client_id, MachineCertificate.expires_at)
    )
