"""What makes a password acceptable: its length and how hard it is to guess, nothing else.

No composition rule and no forced change (CNIL 2022-100, NIST SP 800-63B-4): a few words of one's
own are better than `Marseille2024!`, which only knowing France is enough to guess.

`codes/words.txt` is what a program would try against somebody who lives in France, the most common
first; `codes/passwords.txt` is what people choose most, and is refused as it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from unicodedata import combining, normalize

from zxcvbn import matching  # type: ignore[import-untyped]
from zxcvbn.scoring import most_guessable_match_sequence  # type: ignore[import-untyped]

from backend.domain.errors import Refused

SHORTEST = 12
LONGEST = 128
LEAST_GUESSES = 10**10
"""With at most five tries a quarter of an hour, a password this hard outlives everybody."""
READ = 48
"""Characters: those after them can only make it harder."""
DISGUISES = 24
"""Beyond so many ways to read « p@$$w0rd » as letters it is no longer a word in disguise, and
reading them all would keep everybody else waiting."""
ENGLISH = tuple(matching.FREQUENCY_LISTS)
MATCHERS = (
    *(matching.dictionary_match, matching.reverse_dictionary_match, matching.spatial_match),
    *(matching.repeat_match, matching.sequence_match, matching.regex_match, matching.date_match),
)


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
    if guesses(chosen, context_words) < LEAST_GUESSES:
        raise Refused(
            "Ce mot de passe est trop facile à deviner. "
            "Assemblez plusieurs mots sans rapport entre eux ni avec vous."
        )


def guesses(password: str, context_words: Iterable[str] = ()) -> int:
    """How many tries would find it, as zxcvbn counts them.

    Without the price that zxcvbn puts on each word more: it takes `jesuisunchat`, four of the most
    common words, for as hard as twelve letters at random.
    """
    read = password[:READ]
    known = {name: matching.RANKED_DICTIONARIES[name] for name in ENGLISH}
    known |= {"french": french_words(), "context": _ranked(context_words)}
    disguises = matching.enumerate_l33t_subs(
        matching.relevant_l33t_subtable(read, matching.L33T_TABLE)
    )
    matchers = (*MATCHERS, matching.l33t_match) if len(disguises) <= DISGUISES else MATCHERS
    matches = [one for match in matchers for one in match(read, _ranked_dictionaries=known)]
    found = most_guessable_match_sequence(read, matches, _exclude_additive=True)
    return int(found["guesses"])


@cache
def french_words() -> Mapping[str, int]:
    """Our list: each spelling of a word, and how many guesses it is worth."""
    return _ranked(_lines("words.txt"))


@cache
def common_passwords() -> frozenset[str]:
    """What people choose most, long enough to be accepted otherwise."""
    return frozenset(_lines("passwords.txt"))


def _ranked(words: Iterable[str]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for word in words:
        for spelling in _spellings(word.lower()):
            ranks.setdefault(spelling, len(ranks) + 1)
    return ranks


def _spellings(word: str) -> Iterator[str]:
    """« saint-étienne » is typed « saint-etienne », « saint etienne » and « saintetienne » too."""
    if not word:
        return
    bare = "".join(letter for letter in normalize("NFD", word) if not combining(letter))
    yield from dict.fromkeys((normal(word), bare, bare.replace("-", " "), bare.replace("-", "")))


def _lines(name: str) -> Iterator[str]:
    text = (files("backend.domain.codes") / name).read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            yield from line.split()
