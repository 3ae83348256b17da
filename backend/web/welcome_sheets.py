"""The words of the posters and leaflets that a laboratory prints for its patients."""

from msgspec import Struct


class Part(Struct, frozen=True):
    """A title and sentences."""

    title: str
    lines: tuple[str, ...]
    then: str = ""
    """What whoever says it does afterwards."""


class Sheet(Struct, frozen=True):
    """One of the papers."""

    key: str
    label: str
    title: str
    lead: str
    parts: tuple[Part, ...]
    steps: Part
    """How to activate; the square stands beside it."""
    foot: str
    folded: bool = False
    easy: bool = False


HELP = "Besoin d’aide ? Demandez à l’accueil, ou appelez le 3422, c’est gratuit."
EASY_HELP = "Besoin d’aide ? Demandez à l’accueil. Ou appelez le 3422. L’appel est gratuit."

POSTER = Sheet(
    key="affiche",
    label="Affiche",
    title="Vos résultats d’analyses arrivent dans Mon espace santé",
    lead="Notre laboratoire y dépose vos comptes rendus. C’est gratuit.",
    parts=(
        Part(
            "Ce que cela change pour vous",
            (
                "Vos résultats sont au même endroit, d’un laboratoire à l’autre.",
                "Vous décidez qui peut les lire.",
                "Vous pouvez refuser : vos soins et vos remboursements ne changent pas.",
            ),
        ),
    ),
    steps=Part(
        "Activez votre espace en 5 minutes",
        (
            "Préparez votre code provisoire et votre carte Vitale.",
            "Photographiez ce carré avec votre téléphone, ou tapez l’adresse.",
        ),
    ),
    foot=HELP,
)

EASY_POSTER = Sheet(
    key="affiche-facile",
    label="Affiche facile à lire",
    title="Vos résultats sont dans Mon espace santé",
    lead="Mon espace santé est un site Internet. Il garde vos papiers de santé.",
    parts=(
        Part(
            "À savoir",
            (
                "Le laboratoire met vos résultats dans votre espace.",
                "C’est gratuit.",
                "Vous choisissez qui peut lire vos résultats.",
                "Vous pouvez dire non. Vous serez soigné de la même façon.",
            ),
        ),
    ),
    steps=Part(
        "Pour ouvrir votre espace",
        (
            "Prenez votre carte Vitale.",
            "Prenez votre code. Il est dans un courrier ou un e-mail.",
            "Prenez ce carré en photo avec votre téléphone.",
        ),
    ),
    foot=EASY_HELP,
    easy=True,
)

LEAFLET = Sheet(
    key="depliant",
    label="Dépliant",
    title="Mon espace santé : vos résultats, et vous décidez",
    lead="À lire en attendant votre tour. Vous pouvez l’emporter.",
    parts=(
        Part(
            "Ce que vous y trouvez",
            (
                "Les comptes rendus de vos laboratoires, avec des mots pour les comprendre.",
                "L’évolution de chaque analyse, d’une année à l’autre.",
                "Ce que vous voulez dire de votre santé : allergies, traitements, mesures.",
            ),
        ),
        Part(
            "Qui peut les lire",
            (
                "Vous, et les professionnels qui vous soignent, chacun selon son métier.",
                "Vous pouvez masquer un document ou bloquer un professionnel.",
                "Vous voyez qui a consulté votre dossier, et quand.",
            ),
        ),
        Part(
            "Vous préférez refuser ?",
            (
                "Dites-le à l’accueil : nous ne déposerons pas les résultats de ce jour.",
                "Pour ne pas avoir d’espace : {refuse}.",
                "Vos soins et vos remboursements ne changent pas. Vous pourrez changer d’avis.",
            ),
        ),
        Part(
            "Pour un enfant",
            (
                "Avant 18 ans, c’est un parent qui ouvre le profil de l’enfant, depuis le sien.",
                "Les deux parents peuvent le partager.",
                "À 18 ans, le jeune adulte reçoit son code et gère son espace seul.",
            ),
        ),
    ),
    steps=Part(
        "Activez votre espace en 5 minutes",
        (
            "Prenez votre code provisoire : il est dans notre courrier ou notre e-mail.",
            "Prenez votre carte Vitale, pour recopier deux numéros.",
            "Photographiez ce carré, ou tapez l’adresse. Code perdu ? Demandez-en un autre.",
        ),
    ),
    foot=HELP,
    folded=True,
)

EASY_LEAFLET = Sheet(
    key="depliant-facile",
    label="Dépliant facile à lire",
    title="Mon espace santé",
    lead="Mon espace santé est un site Internet. Il garde vos papiers de santé.",
    parts=(
        Part(
            "À quoi ça sert ?",
            (
                "Le laboratoire y met vos résultats.",
                "Vous les retrouvez quand vous voulez.",
                "C’est gratuit.",
            ),
        ),
        Part(
            "Qui peut lire vos résultats ?",
            (
                "Vous.",
                "Les professionnels qui vous soignent.",
                "Vous pouvez cacher un résultat.",
            ),
        ),
        Part(
            "Vous pouvez dire non",
            (
                "Dites-le à l’accueil.",
                "Vous serez soigné de la même façon.",
                "Vous serez remboursé de la même façon.",
                "Vous pourrez changer d’avis.",
            ),
        ),
        Part(
            "Pour un enfant",
            (
                "Un parent ouvre l’espace de son enfant.",
                "À 18 ans, l’enfant s’en occupe seul.",
            ),
        ),
    ),
    steps=Part(
        "Pour ouvrir votre espace",
        (
            "Prenez votre carte Vitale.",
            "Prenez votre code. Il est dans un courrier ou un e-mail.",
            "Prenez ce carré en photo avec votre téléphone.",
        ),
    ),
    foot=EASY_HELP,
    folded=True,
    easy=True,
)

SHEETS = {one.key: one for one in (POSTER, EASY_POSTER, LEAFLET, EASY_LEAFLET)}
