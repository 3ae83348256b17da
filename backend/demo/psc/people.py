"""The fictional professionals of the emulator, as Pro Santé Connect would tell of them."""

from typing import Any

from msgspec import Struct

from backend.demo.people import (
    ESTUAIRE,
    GUILLOU,
    LEROUX,
    MARTIN,
    MOREL,
    ROUSSEAU,
    TILLEULS,
)
from backend.domain.laboratory import Role
from backend.domain.reports import Organisation, Person

SUBJECTS = "f:5d1c7e2a-0000-4000-8000-7265706572e5"
CLINIC = Organisation("1440099810", "Clinique des Ormes", "Nantes", "0240990110")
PHYSICIAN, PHARMACIST, TECHNICIAN = "10", "21", "86"
LABORATORY, PRACTICE, HOSPITAL = "SA25", "SA07", "SA01"


class Activity(Struct, frozen=True):
    """One place of work, in the codes of the Annuaire santé."""

    place: Organisation
    sector: str = PRACTICE
    section: str = ""
    mode: str = "S"


class Pro(Struct, frozen=True, kw_only=True):
    """Somebody with an e-CPS."""

    key: str
    national_id: str
    given: str
    family: str
    said: str
    """Who it is, for whoever tries the demonstration."""
    profession: str = ""
    """None: `SubjectRefPro` is absent."""
    know_how: str = ""
    activities: tuple[Activity, ...] = ()
    roles: tuple[Role, ...] = ()
    """What the laboratory gave them, at the start of the demonstration."""

    @property
    def subject(self) -> str:
        return f"{SUBJECTS}:{self.national_id}"

    def userinfo(self) -> dict[str, Any]:
        """The answer, with the names that Pro Santé Connect gives."""
        first = self.activities[0] if self.activities else None
        said: dict[str, Any] = {
            "sub": self.subject,
            "SubjectNameID": self.national_id,
            "preferred_username": self.national_id,
            "given_name": self.given,
            "family_name": self.family,
            "email_verified": False,
            "UITVersion": "1.0",
            "PSI_Locale": "1.2.250.1.213.1.3.1.1",
            "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
            "Acces_Regulation_Medicale": "FAUX",
            "Mode_Acces_Raison": "",
            "SubjectOrganization": first.place.name if first else "",
            "SubjectOrganizationID": first.place.id if first else "",
            "otherIds": [{"identifiant": self.national_id, "origine": "RPPS", "qualite": 1}],
        }
        if not self.profession:
            return said
        return said | {
            "SubjectRole": [f"{self.profession}^1.2.250.1.213.1.1.5.5"],
            "SubjectRefPro": {"exercices": [self._practice()]},
        }

    def _practice(self) -> dict[str, Any]:
        return {
            "codeProfession": self.profession,
            "codeCategorieProfessionnelle": "C",
            "nomDexercice": self.family,
            "prenomDexercice": self.given,
            "codeTypeSavoirFaire": "S" if self.know_how else "",
            "codeSavoirFaire": self.know_how,
            "activities": [
                {
                    "codeModeExercice": one.mode,
                    "codeSecteurDactivite": one.sector,
                    "codeSectionPharmacien": one.section,
                    "codeGenreActivite": "GENR01",
                    "numeroFinessSite": one.place.finess,
                    "numeroFinessetablissementJuridique": "",
                    "numeroSiretSite": "",
                    "identifiantTechniqueDeLaStructure": "",
                    "raisonSocialeSite": one.place.name,
                    "bureauCedex": one.place.city.upper(),
                }
                for one in self.activities
            ],
        }


def _of(person: Person, key: str, said: str, **more: Any) -> Pro:
    """Somebody whom the demonstration’s reports and directory know."""
    return Pro(
        key=key,
        national_id=person.national_id,
        given=person.given,
        family=person.family,
        said=said,
        **more,
    )


def _at(place: Organisation, **more: Any) -> tuple[Activity, ...]:
    return (Activity(place, LABORATORY, **more),)


OFFICE = ESTUAIRE.structure
PROS = (
    _of(
        MOREL,
        "morel",
        "médecin biologiste, administre aussi le site",
        profession=PHYSICIAN,
        know_how="SM03",
        activities=_at(OFFICE),
        roles=(Role.BIOLOGIST, Role.ADMINISTRATOR),
    ),
    _of(
        ROUSSEAU,
        "rousseau",
        "pharmacien biologiste",
        profession=PHARMACIST,
        activities=_at(OFFICE, section="G"),
    ),
    _of(
        GUILLOU,
        "guillou",
        "médecin biologiste, dans un autre laboratoire",
        profession=PHYSICIAN,
        know_how="SM03",
        activities=_at(TILLEULS.structure),
        roles=(Role.BIOLOGIST, Role.ADMINISTRATOR),
    ),
    Pro(
        key="caradec",
        national_id="899900000102",
        given="Inès",
        family="CARADEC",
        said="technicienne de laboratoire",
        profession=TECHNICIAN,
        activities=_at(OFFICE),
        roles=(Role.TECHNICIAN,),
    ),
    Pro(
        key="kerivel",
        national_id="899900000110",
        given="Malo",
        family="KERIVEL",
        said="technicien, que son laboratoire n’a pas encore ajouté",
        profession=TECHNICIAN,
        activities=_at(OFFICE),
    ),
    Pro(
        key="diallo",
        national_id="ANS20261123000017",
        given="Awa",
        family="DIALLO",
        said="secrétaire : aucune profession de santé dans le RPPS",
        roles=(Role.SECRETARY,),
    ),
    Pro(
        key="riou",
        national_id="ANS20261123000025",
        given="Solène",
        family="RIOU",
        said="référente identité",
        roles=(Role.REFERENT,),
    ),
    Pro(
        key="legall",
        national_id="ANS20261123000033",
        given="Bruno",
        family="LE GALL",
        said="administrateur du laboratoire",
        roles=(Role.ADMINISTRATOR,),
    ),
    _of(
        MARTIN.person,
        "martin",
        "médecin généraliste",
        profession=PHYSICIAN,
        know_how="SM54",
        activities=(Activity(MARTIN.structure, mode="L"),),
    ),
    _of(
        LEROUX.person,
        "leroux",
        "gynécologue, deux activités",
        profession=PHYSICIAN,
        activities=(Activity(LEROUX.structure, mode="L"), Activity(CLINIC, HOSPITAL)),
    ),
    Pro(
        key="saidi",
        national_id="899900000128",
        given="Nora",
        family="SAIDI",
        said="médecin sans activité en cours",
        profession=PHYSICIAN,
    ),
)
SITES = {"guillou": TILLEULS}
"""Whoever is not of the first laboratory."""


def pro(key: str) -> Pro:
    """By their short name."""
    return next(one for one in PROS if one.key == key)
