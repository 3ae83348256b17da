"""An emulator of the téléservice INSi: fictional people, official test identities, every failure.

It reads SOAP as the real one documents it and refuses what does not follow. Some birth names have
a part to play, so that each failure can be seen: `MAGIC`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from xml.sax.saxutils import escape

from lxml import etree
from msgspec import Struct

from backend.demo.listening import Call, Reply, listen
from backend.demo.people import INS_TEST, everyone, key_of
from backend.domain.errors import Refused
from backend.domain.formats.xml import parse_closed
from backend.domain.reports import Traits
from backend.gateways.insi.answers import Element

SOAP = "http://www.w3.org/2003/05/soap-envelope"
RESULT = "http://www.cnamts.fr/INSiResultat"
KIND = "application/soap+xml; charset=utf-8"
PATH = "/lps"
SLOW_SECONDS = 30
OPERATIONS = {
    "RECSANSVITALE": "rechercherInsAvecTraitsIdentite",
    "RECVITALE": "rechercherInsAvecCarteVitale",
    "REQUETE": "verifierInsAvecTraitsIdentite",
}
MAGIC = {
    "INDISPONIBLE": "the fault siram_40 / insi_102, as when the service is down",
    "INTERDIT": "a fault of the sender: our authorisation is refused",
    "LENT": "no answer for half a minute",
    "COUPE": "hangs up",
    "PASSERELLE": "the page of a gateway, in HTML, with a status 502",
    "ILLISIBLE": "XML that is cut short",
    "ENTITE": "XML with an entity",
    "ENORME": "an answer that never ends",
    "INCOMPLET": "an identity without its date of birth",
    "FAUSSE-CLE": "a matricule of a real domain whose key is wrong",
    "INCONNU": "a code that nobody documented",
    "AUTRE-REPONSE": "the answer to another question",
    "DUPONT": "several people: one with the place of birth 29019, another with 35238",
}


class Known(Struct, frozen=True):
    """Somebody whom the téléservice knows."""

    traits: Traits
    former: tuple[str, ...] = ()
    """Matricules that they had before."""
    opener: str = ""
    """The matricule under which they are paid for, when it is a parent’s."""
    rank: int = 1


def _known(first13: str, names: str, born: date, place: str, *former: str) -> Known:
    family, given = names.split("/")
    traits = Traits(
        matricule=first13 + key_of(first13),
        oid=INS_TEST,
        birth_name=family,
        first_given=given.partition(" ")[0],
        given_names=given,
        birth_date=born,
        sex="M" if first13.startswith("1") else "F",
        birthplace=place,
    )
    return Known(traits, former)


OFFICIAL = (
    _known("160012B020777", "ADRTROIS/TOUSSAINT", date(1960, 1, 1), "2B020"),
    _known("297022A020778", "ADRTROIS/DOMINIQUE", date(1997, 2, 26), "2A020"),
    _known("2751263220749", "ADRUN/ZOE", date(1975, 12, 31), "63220"),
    _known("2360663220836", "TCHITCHI/CATARINA BELLA", date(1936, 6, 21), "63220"),
    _known(
        "1090763220834",
        "ECETINSI/PIERRE-ALAIN MURIEL FLORIANT",
        date(2009, 7, 14),
        "63220",
        "209076322083439",
        "209066322012355",
    ),
)
"""Test identities that publishers of software are given, under the root of test matricules."""
NAMESAKES = (
    _known("1570129019101", "DUPONT/JEAN", date(1957, 1, 2), "29019"),
    _known("1570135238102", "DUPONT/JEAN", date(1957, 1, 2), "35238"),
)


def cast() -> tuple[Known, ...]:
    """The demonstration’s people; children are paid for under a parent’s number."""
    numbers = {someone.key: someone.traits.matricule for someone in everyone()}
    ours = (
        Known(someone.on_paper, opener=numbers[someone.parents[0]] if someone.parents else "")
        for someone in everyone()
    )
    return (*ours, *OFFICIAL, *NAMESAKES)


class FakeInsi:
    """The téléservice; `asked` is what came in, for whoever wants to look."""

    def __init__(self, people: tuple[Known, ...] = ()) -> None:
        self.people = people or cast()
        self.asked: list[Element] = []
        self.down = False
        """True makes every call fail as when the service is down."""

    async def __call__(self, call: Call) -> Reply | None:
        """One request."""
        if (call.method, call.path) != ("POST", PATH) or "soap+xml" not in call.kind:
            return Reply(404, "text/html", b"<p>Rien ici.</p>")
        try:
            envelope = parse_closed(call.body)
            question = _question(envelope)
        except (Refused, ValueError, StopIteration):
            return _fault("Sender", "siram_10", "insi_001")
        self.asked.append(envelope)
        message = _text(envelope, "MessageID")
        magic = _text(question, "NomNaissance") or _text(question, "NomNaissance", deep=True)
        if self.down:
            magic = "INDISPONIBLE"
        if magic in MAGIC and magic != "DUPONT":
            return await _misbehave(magic, message)
        return _soap(self._answer(question), message)

    def _answer(self, question: Element) -> str:
        name = etree.QName(question).localname
        if name == "REQUETE":
            return _result("00" if self._verified(question) else "01")
        found = self._by_card(question) if name == "RECVITALE" else self._by_traits(question)
        if len(found) > 1:
            return _result("02")
        return _result("00", _person(found[0])) if found else _result("01")

    def _by_traits(self, asked: Element) -> list[Known]:
        place = _text(asked, "LieuNaissance")
        return [
            one
            for one in self.people
            if one.traits.birth_name == _text(asked, "NomNaissance")
            and one.traits.given_names.split()[0] == _text(asked, "Prenom")
            and one.traits.sex == _text(asked, "Sexe")
            and str(one.traits.birth_date) == _text(asked, "DateNaissance")
            and place in {"", one.traits.birthplace}
        ]

    def _by_card(self, asked: Element) -> list[Known]:
        opener = asked.findtext("{*}MatriculeOD/{*}NumIdentifiant") or ""
        own = asked.findtext("{*}MatriculeIndividu/{*}NumIdentifiant") or ""
        return [
            one
            for one in self.people
            if (one.opener or one.traits.matricule)[:13] == opener
            and str(one.traits.birth_date) == _text(asked, "DateNaissance")
            and str(one.rank) == _text(asked, "RangNaissance")
            and own in {"", one.traits.matricule[:13]}
        ]

    def _verified(self, asked: Element) -> bool:
        number = _text(asked, "NumIdentifiant", deep=True) + _text(asked, "Cle", deep=True)
        return any(
            (one.traits.matricule, one.traits.oid) == (number, _text(asked, "OID", deep=True))
            and one.traits.birth_name == _text(asked, "NomNaissance", deep=True)
            and one.traits.given_names == _text(asked, "ListePrenom", deep=True)
            and one.traits.sex == _text(asked, "Sexe", deep=True)
            and str(one.traits.birth_date) == _text(asked, "DateNaissance", deep=True)
            for one in self.people
        )


@asynccontextmanager
async def open_insi() -> AsyncIterator[str]:
    """The address of an emulator on this machine, until left."""
    async with listen(FakeInsi()) as address:
        yield address + PATH


def _question(envelope: Element) -> Element:
    """What the body asks, once the head is what the framework wants; ValueError when not."""
    question = next(envelope.iterfind(f"{{{SOAP}}}Body/*"))
    operation = OPERATIONS.get(etree.QName(question).localname, "")
    head = envelope.find(f"{{{SOAP}}}Header")
    needed = ("ContexteBAM", "ContexteLPS", "MessageID")
    if head is None or any(head.find(f"{{*}}{name}") is None for name in needed):
        raise ValueError("the head is not whole")
    action = _text(envelope, "Action")
    if not operation or action != f"urn:ServiceIdentiteCertifiee:1.0.0:{operation}":
        raise ValueError("this is not an operation")
    if not _text(head, "IDAM", deep=True):
        raise ValueError("no authorisation")
    return question


async def _misbehave(magic: str, message: str) -> Reply | None:
    if magic == "LENT":
        await asyncio.sleep(SLOW_SECONDS)
    whole = _person(OFFICIAL[0])
    real = whole.replace(INS_TEST, "1.2.250.1.213.1.4.8")
    entity = '<!DOCTYPE x [<!ENTITY e "00">]><CR>&e;</CR>'
    replies = {
        "INDISPONIBLE": _fault("Receiver", "siram_40", "insi_102"),
        "INTERDIT": _fault("Sender", "siram_20", "insi_004"),
        "PASSERELLE": Reply(502, "text/html", b"<h1>502 Bad Gateway</h1>"),
        "ILLISIBLE": Reply(200, KIND, _soap(_result("01"), message).body[:-40]),
        "ENTITE": Reply(200, KIND, entity.encode()),
        "ENORME": _soap(_result("01", "<X>" + "A" * 1_000_000 + "</X>"), message),
        "INCOMPLET": _soap(_result("00", whole.replace("1960-01-01", "")), message),
        "FAUSSE-CLE": _soap(_result("00", real.replace(">13<", ">14<")), message),
        "INCONNU": _soap(_result("42"), message),
        "AUTRE-REPONSE": _soap(_result("00", whole), "uuid:another"),
    }
    return replies.get(magic)


def _soap(body: str, message: str) -> Reply:
    head = f'<wsa:RelatesTo xmlns:wsa="http://www.w3.org/2005/08/addressing">{message}'
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="{SOAP}">'
        f"<S:Header>{head}</wsa:RelatesTo></S:Header><S:Body>{body}</S:Body></S:Envelope>"
    )
    return Reply(200, KIND, text.encode())


def _fault(blame: str, siram: str, insi: str) -> Reply:
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="{SOAP}"><S:Body><S:Fault>'
        f"<S:Code><S:Value>S:{blame}</S:Value><S:Subcode><S:Value>S:{siram}</S:Value></S:Subcode>"
        '</S:Code><S:Reason><S:Text xml:lang="fr">Erreur technique.</S:Text></S:Reason><S:Detail>'
        f'<siram:Erreur xmlns:siram="urn:siram" severite="fatal" code="{insi}">Erreur.'
        "</siram:Erreur></S:Detail></S:Fault></S:Body></S:Envelope>"
    )
    return Reply(500, KIND, text.encode())


LABELS = {"00": "OK", "01": "Aucune identite trouvee", "02": "Plusieurs identites trouvees"}


def _result(code: str, person: str = "") -> str:
    return (
        f'<RESULTAT xmlns="{RESULT}"><CR><CodeCR>{code}</CodeCR>'
        f"<LibelleCR>{LABELS.get(code, '')}</LibelleCR></CR>{person}</RESULTAT>"
    )


def _person(known: Known) -> str:
    traits = known.traits
    former = "".join(f"<INSHISTO>{_number(old, traits.oid)}</INSHISTO>" for old in known.former)
    return (
        f"<INDIVIDU><INSACTIF>{_number(traits.matricule, traits.oid)}</INSACTIF>{former}"
        f"<TIQ><NomNaissance>{escape(traits.birth_name)}</NomNaissance>"
        f"<ListePrenom>{escape(traits.given_names)}</ListePrenom><Sexe>{traits.sex}</Sexe>"
        f"<DateNaissance>{traits.birth_date}</DateNaissance>"
        f"<LieuNaissance>{traits.birthplace}</LieuNaissance></TIQ></INDIVIDU>"
    )


def _number(matricule: str, oid: str) -> str:
    return (
        f"<IdIndividu><NumIdentifiant>{matricule[:13]}</NumIdentifiant><Cle>{matricule[13:]}</Cle>"
        f"</IdIndividu><OID>{oid}</OID>"
    )


def _text(parent: Element, name: str, *, deep: bool = False) -> str:
    """The text of the child of that name; of the first one anywhere with `deep`, or from a root."""
    if deep or parent.getparent() is None:
        found = next(parent.iter(f"{{*}}{name}"), None)
        return (found.text or "").strip() if found is not None else ""
    return (parent.findtext(f"{{*}}{name}") or "").strip()
