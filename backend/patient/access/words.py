"""The lines of the journal as sentences: what follows the name."""

from backend.access import Action
from backend.services.activity import Line

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
    Action.READ_PROFILE: "a lu le profil médical",
    Action.CHANGE_PROFILE: "a changé le profil médical",
    Action.TAKE_SYNTHESIS: "a téléchargé la synthèse du profil médical",
    Action.SHOW_DOCUMENTS: "a montré des documents à un médecin, avec un code",
    Action.END_SHOWING: "a arrêté un partage",
    Action.ENTER_SHOWING: "a ouvert ce qui est partagé",
    Action.OPEN_DOCUMENT: "a ouvert un document",
    Action.DOWNLOAD_DOCUMENT: "a téléchargé un document",
    Action.ADD_DOCUMENT: "a ajouté un document",
    Action.CHANGE_DOCUMENT: "a modifié un document",
    Action.DELETE_DOCUMENT: "a supprimé un document ajouté au dossier",
    Action.DISOWN_DOCUMENT: "a signalé un document qui n’est pas de ce dossier",
    Action.DELETE_FOLDER: "a supprimé un dossier de rangement, sans ses documents",
    Action.MASK_DOCUMENT: "a masqué un document aux professionnels",
    Action.UNMASK_DOCUMENT: "a montré un document aux professionnels",
    Action.MASK_ALL: "a masqué tout le dossier aux professionnels",
    Action.UNMASK_ALL: "a montré le dossier aux professionnels",
    Action.MASK_CATEGORIES: "a masqué des catégories de documents",
    Action.UNMASK_CATEGORIES: "a montré des catégories de documents",
    Action.DELETE_DOCUMENT: "a supprimé un document ajouté au dossier",
    Action.DISOWN_DOCUMENT: "a signalé un document qui n’est pas de ce dossier",
    Action.DEPOSIT_DOCUMENT: "a déposé un document",
    Action.REPLACE_DOCUMENT: "a remplacé un document",
    Action.RELEASE_DOCUMENT: "a rendu un document visible pour vous",
    Action.CONSULT: "a ouvert le dossier",
    Action.ATTEST_CARE: "a noté l’accord donné pour voir le dossier",
    Action.DECLARE_EMERGENCY: "a demandé à ouvrir le dossier en urgence",
    Action.BLOCK: "a bloqué un professionnel",
    Action.UNBLOCK: "a débloqué un professionnel",
    Action.SET_EMERGENCY: "a changé ce qui est permis en urgence",
    Action.REPORT_ACCESS: "a signalé un accès",
    Action.CLOSE_REPORT: "a répondu à un signalement",
    Action.LIST_MEASURES: "a regardé les mesures",
    Action.ADD_MEASURE: "a ajouté une mesure",
    Action.DELETE_MEASURE: "a supprimé une mesure",
    Action.RESTORE_MEASURE: "a remis une mesure supprimée",
    Action.SET_EXTRACTION: "a changé la lecture des comptes rendus dans les mesures",
    Action.OPEN_SPACE: "a ouvert l’espace, six semaines après l’avoir annoncé",
    Action.ISSUE_CODE: "a préparé un code provisoire",
    Action.SEND_CODE: "a envoyé un code provisoire",
    Action.RECOVER: "a choisi un nouveau mot de passe",
}
REFUSED = {
    Action.CONSULT: "a voulu ouvrir le dossier. Nous avons refusé : rien ne lui a été montré",
    Action.ATTEST_CARE: "a noté un accord. Nous l’avons refusé : vous l’aviez bloqué",
    Action.DECLARE_EMERGENCY: "a voulu ouvrir le dossier en urgence. Nous avons refusé",
}


def words(line: Line) -> str:
    """What was done, or tried."""
    return (WORDS if line.allowed else REFUSED)[Action(line.action)]
