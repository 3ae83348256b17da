"""« LISEZ-MOI »: what is in the file that a person takes away, and what had no room in it."""

from collections.abc import Sequence
from datetime import date, datetime

README = """Vos données, telles que Repères les montre le {day}.

index.html      la liste, à ouvrir dans un navigateur, même sans réseau
resultats.csv   tous les résultats, à ouvrir dans un tableur
profil-medical.csv, profil-medical.json
                le profil médical : ce que vous avez écrit, par qui et quand
messages.csv    les messages échangés avec des professionnels, s’il y en a,
                avec les noms des fichiers qui les accompagnent
messages/       ces fichiers (PDF)
mesures.csv     les mesures que vous avez ajoutées, s’il y en a
acces.csv       qui a ouvert le dossier, et ce que chacun a fait
masquages.csv   ce qui est masqué, et ce qui est permis en urgence
professionnels.csv
                les professionnels qui peuvent voir, et ceux qui sont bloqués
dossiers.csv    vos dossiers de rangement, et ce qui y est rangé
partages.csv    avec qui vous partagez : autre parent, aidants, codes donnés à un médecin
compte.csv      vos coordonnées et vos notifications, dans votre propre fichier seulement
acces-et-choix.json
                les mêmes tableaux, depuis acces.csv, pour un autre logiciel
fhir.json       les résultats et les mesures pour un autre logiciel (FHIR R4)
documents/      chaque compte rendu : le PDF, et le fichier reçu du laboratoire (CDA) ;
                chaque document que vous avez ajouté : le PDF
{left_out}
Ce fichier contient des informations de santé. Gardez-le dans un endroit sûr.
"""
LEFT_OUT = """
Ce fichier s’arrête à 100 Mo de documents. Ceux-ci n’y ont pas trouvé place :
{names}
Leurs résultats sont bien dans resultats.csv. Pour avoir chaque document, ouvrez Repères,
appuyez sur « Documents », ouvrez le document, puis appuyez sur « Télécharger ».
"""


def read_me(at: datetime, left_out: Sequence[tuple[date, str]]) -> str:
    """What each file is; and by name, what is to be taken from its own page."""
    names = "\n".join(f"- {on:%d/%m/%Y}, {title}" for on, title in left_out)
    missing = LEFT_OUT.format(names=names) if left_out else ""
    return README.format(day=f"{at:%d/%m/%Y}", left_out=missing)
