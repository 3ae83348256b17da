"""« Qui a fait quoi » in the record on the screen."""

from datetime import UTC, datetime

from litestar import get
from litestar.params import FromQuery
from litestar.response import Template

from backend.access import Action
from backend.domain.errors import NotFound
from backend.services import activity
from backend.web import At, Db, Person, patient_page

FORMAT = "%Y%m%dT%H%M%S.%fZ"
WORDS = {
    Action.SIGN_IN: "s’est connecté à son espace",
    Action.ACTIVATE: "a activé l’espace",
    Action.REOPEN: "a rouvert l’espace",
    Action.CLOSE: "a fermé l’espace",
    Action.ATTACH_CHILD: "a ouvert le profil",
    Action.SWITCH_PROFILE: "a affiché le profil",
    Action.INVITE_GUARDIAN: "a proposé le partage à l’autre parent",
    Action.WITHDRAW_INVITATION: "a retiré sa demande de partage",
    Action.BECOME_GUARDIAN: "a maintenant accès au profil",
    Action.END_GUARDIAN: "a mis fin à un partage",
    Action.ASK_AIDANT: "a demandé à quelqu’un d’être son aidant",
    Action.BECOME_AIDANT: "a accepté d’être aidant",
    Action.END_AIDANT: "a mis fin à une aide",
    Action.ASK_EXPORT: "a demandé toutes les données",
    Action.TAKE_EXPORT: "a téléchargé toutes les données",
    Action.SHOW_DOCUMENTS: "a montré des documents à un médecin, avec un code",
    Action.END_SHOWING: "a arrêté un partage",
    Action.ENTER_SHOWING: "a ouvert ce qui est partagé",
    Action.OPEN_DOCUMENT: "a ouvert un document",
    Action.DOWNLOAD_DOCUMENT: "a téléchargé un document",
    Action.ADD_DOCUMENT: "a ajouté un document",
    Action.CHANGE_DOCUMENT: "a modifié un document",
    Action.DELETE_DOCUMENT: "a supprimé un document ajouté au dossier",
    Action.DISOWN_DOCUMENT: "a signalé un document qui n’est pas de ce dossier",
    Action.MASK_DOCUMENT: "a masqué un document aux professionnels",
    Action.UNMASK_DOCUMENT: "a montré un document aux professionnels",
    Action.MASK_ALL: "a masqué tout le dossier aux professionnels",
    Action.UNMASK_ALL: "a montré le dossier aux professionnels",
    Action.DEPOSIT_DOCUMENT: "a déposé un document",
    Action.REPLACE_DOCUMENT: "a remplacé un document",
}


@get("/activite", name="patient.account.activity")
async def index(db: Db, actor: Person, at: At, avant: FromQuery[str] = "") -> Template:
    """One sentence a thing done, the latest first."""
    lines, following = await activity.read(db, actor, at, before=_moment(avant))
    return await patient_page(
        db,
        actor,
        at,
        "patient/account/activity.html",
        lines=[(line.who, WORDS[Action(line.action)], line.at) for line in lines],
        more=following and f"/activite?avant={following.astimezone(UTC):{FORMAT}}",
    )


def _moment(text: str) -> datetime | None:
    """Before when, as an address says it; NotFound when it says anything else."""
    if not text:
        return None
    try:
        return datetime.strptime(text, FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise NotFound from error


handlers = (index,)
