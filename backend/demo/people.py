"""The fictional people of the demonstration, as data.

Matricules are of the test range (OID …4.10) with right keys, or are official test identities.
"""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from backend.domain.activation import Contacts
from backend.domain.calendar import MAJORITY, in_years
from backend.domain.reports import Organisation, Person, Traits
from backend.storage.records import IdentityStatus, RecordState

INS_NIR = "1.2.250.1.213.1.4.8"
INS_TEST = "1.2.250.1.213.1.4.10"


class Someone(Struct, frozen=True, kw_only=True):
    """A person with a record, and an account when `identifier` is not empty."""

    key: str
    traits: Traits
    state: RecordState
    status: IdentityStatus = IdentityStatus.QUAL
    identifier: str = ""
    password: str = ""
    email: str = ""
    phone: str = ""
    parents: tuple[str, ...] = ()
    """Keys of the legal representatives who hold an account."""
    birthplace: str = ""
    """COG code that documents print when the record does not hold it."""
    vitale: str = ""
    """Serial number of the carte Vitale."""
    contacts: Contacts | None = None
    """What the Assurance maladie has on file."""
    code: str = ""
    """A provisional code that works, until it is used."""

    @property
    def on_paper(self) -> Traits:
        """The identity as laboratories print it: complete."""
        return replace(self.traits, birthplace=self.traits.birthplace or self.birthplace)

    @property
    def minor_until(self) -> date | None:
        """The 18th birthday."""
        born = self.traits.birth_date
        return in_years(born, MAJORITY) if born and self.parents else None


class Laboratory(Struct, frozen=True, kw_only=True):
    """A laboratory, its biologists and the machine that deposits for it."""

    key: str
    structure: Organisation
    biologists: tuple[Person, ...]
    client_id: str
    client_secret: str
    software: str
    """Name of its laboratory system (MSH-3)."""
    mailbox: str


class Practitioner(Struct, frozen=True, kw_only=True):
    """A health professional outside the laboratories."""

    key: str
    person: Person
    structure: Organisation
    profession: str
    """Code of the profession, TRE_G15: 10 médecin, 60 infirmier…"""
    mailbox: str


def key_of(first13: str) -> str:
    """The two digits that close a matricule: 97 − n mod 97, with 2A → 19 and 2B → 18."""
    number = first13.replace("2A", "19").replace("2B", "18")
    return f"{97 - int(number) % 97:02d}"


def _born(first13: str, names: str, birth_date: date, sex: str, birthplace: str) -> Traits:
    family, given_names = names.split("/")
    first = given_names.split(" ")[0]
    return Traits(
        matricule=first13 + key_of(first13),
        oid=INS_TEST,
        birth_name=family,
        first_given=first,
        given_names=given_names,
        birth_date=birth_date,
        sex=sex,
        birthplace=birthplace,
        used_name=family,
        used_given=first,
    )


RENNES = ("12 rue des Lices", "35000 Rennes")
BREST = ("3 quai de la Douane", "29200 Brest")

LAURA = Someone(
    key="laura",
    traits=_born("2910544109001", "BERNARD/LAURA MARIE", date(1991, 5, 14), "F", "44109"),
    state=RecordState.ACTIVE,
    vitale="40218829105",
    identifier="laura.bernard",
    password="les-tilleuls-en-fleur-35",  # noqa: S106 - a fictional person's
    email="laura.bernard@courriel.example",
    phone="+33639980135",
)
JULIE = Someone(
    key="julie",
    traits=_born("2880935238002", "MOREAU/JULIE", date(1988, 9, 3), "F", "35238"),
    state=RecordState.OPEN,
    vitale="40218835217",
    contacts=Contacts("julie.moreau@courriel.example", "+33639980188", RENNES),
    code="7KXM4PQR9TWB",
)
MICHEL = Someone(
    key="michel",
    traits=_born("1570229019003", "LEFEVRE/MICHEL HENRI", date(1957, 2, 21), "M", "29019"),
    state=RecordState.OPPOSED,
    vitale="88213457",
    contacts=Contacts(address=BREST),
    code="H3ZV8DNA6CYE",
)
YANN = Someone(
    key="yann",
    traits=_born("1990329232001", "KERVELLA/YANN", date(1999, 3, 12), "M", "29232"),
    state=RecordState.INFORMED,
    vitale="40218899303",
    contacts=Contacts("yann.kervella@courriel.example", "+33639980199", BREST),
    code="T4WQ8RXN5HCD",
)
KARIM = Someone(
    key="karim",
    traits=_born("1820744109004", "BENALI/KARIM", date(1982, 7, 8), "M", "44109"),
    state=RecordState.ACTIVE,
    vitale="40218818207",
    identifier="karim.benali",
    password="deux-enfants-et-un-velo-bleu",  # noqa: S106 - a fictional person's
    email="karim.benali@courriel.example",
    phone="+33639980182",
)
NADIA = Someone(
    key="nadia",
    traits=_born("2841144162005", "CHERIF/NADIA", date(1984, 11, 30), "F", "44162"),
    state=RecordState.ACTIVE,
    vitale="40218828411",
    contacts=Contacts(address=("8 quai de la Fosse", "44000 Nantes")),
    identifier="nadia.cherif",
    password="la-loire-au-petit-matin-84",  # noqa: S106 - a fictional person's
    email="nadia.cherif@courriel.example",
    phone="+33639980184",
)
LEA = Someone(
    key="lea",
    traits=_born("2190344109006", "BENALI/LEA INES", date(2019, 3, 17), "F", "44109"),
    state=RecordState.ACTIVE,
    parents=("karim",),
)
NOE = Someone(
    key="noe",
    traits=_born("1100144109007", "BENALI/NOE", date(2010, 1, 25), "M", "44109"),
    state=RecordState.ACTIVE,
    vitale="40218810016",
    contacts=Contacts(address=RENNES),
    parents=("karim",),
)
DOMINIQUE = Someone(
    key="dominique",
    traits=Traits(
        matricule="279035121518989",
        oid=INS_TEST,
        birth_name="PAT-TROIS",
        first_given="DOMINIQUE",
        given_names="DOMINIQUE MARIE-LOUISE",
        birth_date=date(1979, 3, 28),
        sex="F",
        used_name="PAT-TROIS",
        used_given="DOMINIQUE",
    ),
    birthplace="51215",
    state=RecordState.ACTIVE,
    vitale="40218827903",
    identifier="dominique.pat-trois",
    password="un-patient-pour-les-essais",  # noqa: S106 - a fictional person's
    email="dominique.pat-trois@courriel.example",
    phone="+33639980179",
)
"""The official test patient of the public samples.

The CDA examples say 51215 for the birthplace and the HL7 v2 examples 63220: the record says
nothing, so that both find their owner.
"""
RUTH = Someone(
    key="ruth",
    traits=Traits(
        matricule="277076322082910",
        oid=INS_NIR,
        birth_name="NESSI",
        first_given="RUTH",
        given_names="RUTH ISABELLE",
        birth_date=date(1977, 7, 14),
        sex="F",
        birthplace="63220",
        used_name="DECOURCY",
        used_given="RUTH",
    ),
    state=RecordState.OPEN,
)
"""Another test identity of the public samples, which give it the root of real matricules."""

PEOPLE = (LAURA, JULIE, MICHEL, YANN, KARIM, NADIA, LEA, NOE, DOMINIQUE, RUTH)

BIOLOGIST = "Médecin - Biologie médicale (SM)"
PHARMACIST = "Pharmacien biologiste"
GENERALIST = "Médecin - Qualifié en Médecine Générale (SM)"

MOREL = Person("899900000011", "MOREL", "Claire", "Dr", BIOLOGIST)
ROUSSEAU = Person("899900000029", "ROUSSEAU", "Étienne", "Dr", PHARMACIST)
GUILLOU = Person("899900000037", "GUILLOU", "Anne", "Dr", BIOLOGIST)

ESTUAIRE = Laboratory(
    key="estuaire",
    structure=Organisation("1120459876", "Laboratoire de l’Estuaire", "Nantes", "0240998876"),
    biologists=(MOREL, ROUSSEAU),
    client_id="sgl-estuaire",
    client_secret="demo-estuaire-7f3c9b1e5a2d4860",  # noqa: S106 - the demonstration's
    software="SGL-ESTUAIRE",
    mailbox="resultats@estuaire.mssante.example",
)
"""It has the structure id of the public samples, so that they find their laboratory."""
TILLEULS = Laboratory(
    key="tilleuls",
    structure=Organisation("1440099991", "Laboratoire des Tilleuls", "Nantes", "0240999991"),
    biologists=(GUILLOU,),
    client_id="sgl-tilleuls",
    client_secret="demo-tilleuls-c41d8e0b96a7f253",  # noqa: S106 - the demonstration's
    software="SGL-TILLEULS",
    mailbox="resultats@tilleuls.mssante.example",
)
LABORATORIES = (ESTUAIRE, TILLEULS)

MARTIN = Practitioner(
    key="martin",
    person=Person("899900000045", "MARTIN", "Paul", "Dr", GENERALIST),
    structure=Organisation("1440099801", "Cabinet médical de la Fontaine", "Nantes", "0240990045"),
    profession="10",
    mailbox="paul.martin@medecins.mssante.example",
)
LEROUX = Practitioner(
    key="leroux",
    person=Person("899900000052", "LEROUX", "Hélène", "Dr", "Médecin - Gynécologie médicale (C)"),
    structure=Organisation("1440099802", "Cabinet du Port", "Saint-Nazaire", "0240990052"),
    profession="10",
    mailbox="helene.leroux@medecins.mssante.example",
)
SIMON = Practitioner(
    key="simon",
    person=Person("899900000060", "SIMON", "Julien", "", "Infirmier"),
    structure=Organisation("1440099803", "Soins infirmiers Bellevue", "Nantes", "0240990060"),
    profession="60",
    mailbox="julien.simon@infirmiers.mssante.example",
)
PETIT = Practitioner(
    key="petit",
    person=Person("899900000078", "PETIT", "Hugo", "Dr", "Pharmacien"),
    structure=Organisation("1440099804", "Pharmacie du Marché", "Nantes", "0240990078"),
    profession="21",
    mailbox="hugo.petit@pharmaciens.mssante.example",
)
FABRE = Practitioner(
    key="fabre",
    person=Person("899900000086", "FABRE", "Sophie", "Dr", "Médecin - Médecine d’urgence (SM)"),
    structure=Organisation("1440099805", "Samu 44 – Centre 15", "Nantes", "0240990086"),
    profession="10",
    mailbox="sophie.fabre@samu.mssante.example",
)
DURAND = Practitioner(
    key="durand",
    person=Person("899900000094", "DURAND", "Marc", "Dr", "Médecin - Psychiatrie (SM)"),
    structure=Organisation("1440099806", "Cabinet des Halles", "Rennes", "0299990094"),
    profession="10",
    mailbox="marc.durand@medecins.mssante.example",
)
PRACTITIONERS = (MARTIN, LEROUX, SIMON, PETIT, FABRE, DURAND)
SAMU = frozenset({FABRE.structure.finess})
"""Structures that answer the 15."""


def everyone() -> Iterator[Someone]:
    """Everybody who has a record, parents before children."""
    yield from sorted(PEOPLE, key=lambda someone: bool(someone.parents))
