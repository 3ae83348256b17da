"""What makes a password acceptable: its length and how hard it is to guess, nothing else.

No composition rule and no forced change (CNIL 2022-100, NIST SP 800-63B-4): a few words of one's
own are better than `Marseille2024!`, which only knowing France is enough to guess.
"""

from collections.abc import Iterable
from unicodedata import normalize

from zxcvbn import zxcvbn  # type: ignore[import-untyped]

from backend.domain.errors import Refused

SHORTEST = 12
LONGEST = 128
LEAST_SCORE = 3
LEAST_GUESSES = 10**10
"""With at most five tries a quarter of an hour, a password this hard outlives everybody."""

SITE_WORDS = """
repères reperes espace santé sante monespacesante carnet dossier médical medical patient labo
laboratoire biologie analyse résultat resultat ameli vitale dmp 3422 assurance maladie sécurité
securite sociale docteur médecin medecin
"""
FRENCH_WORDS = """
motdepasse mot passe bonjour bonsoir soleil azerty azertyuiop qsdfgh wxcvbn chouchou doudou loulou
coucou amour jetaime chocolat football marseille paris lyon toulouse nice nantes montpellier
strasbourg bordeaux lille rennes reims toulon grenoble dijon angers brest tours limoges amiens
metz besancon orleans rouen mulhouse caen nancy bretagne normandie alsace corse provence france
français francais republique liberte egalite fraternite janvier février fevrier mars avril juin
juillet août aout septembre octobre novembre décembre decembre lundi mardi mercredi jeudi vendredi
samedi dimanche printemps automne camille nicolas julien thomas antoine alexandre maxime pierre
romain guillaume sébastien sebastien marine pauline aurélie aurelie céline celine virginie
stéphanie stephanie isabelle nathalie sylvie monique martine jacqueline catherine françoise
francoise philippe christophe laurent frédéric frederic stéphane stephane olivier mathieu clément
clement hugo lucas chloé chloe manon emma jade louise mohamed karim fatima
"""


def normal(password: str) -> str:
    """One form for the same keys pressed, whatever the keyboard made of the accents (NFC)."""
    return normalize("NFC", password)


def check_password(password: str, context_words: Iterable[str] = ()) -> None:
    """Refuse a password that is too short, too long, or that a program would soon guess.

    `context_words` are what somebody who knows the person would try: their names, identifier…
    """
    chosen = normal(password)
    if len(chosen) < SHORTEST:
        raise Refused(f"Choisissez au moins {SHORTEST} caractères. Quelques mots feront l’affaire.")
    if len(chosen) > LONGEST:
        raise Refused(f"Choisissez {LONGEST} caractères au plus.")
    known = [*filter(None, context_words), *SITE_WORDS.split(), *FRENCH_WORDS.split()]
    found = zxcvbn(chosen, user_inputs=known, max_length=LONGEST)
    if found["score"] < LEAST_SCORE or found["guesses"] < LEAST_GUESSES:
        raise Refused(
            "Ce mot de passe est trop facile à deviner. "
            "Assemblez plusieurs mots sans rapport entre eux ni avec vous."
        )
