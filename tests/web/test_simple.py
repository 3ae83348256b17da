"""« Lecture simple »: each screen has its own plain text, and it says what the screen shows.

No browser and no database: the partials are read as they are written, whichever way their
conditions go. tests/patient/test_simple.py meets them on pages that people fetch.
"""

import re
from collections.abc import Iterable, Iterator

import pytest
from jinja2 import meta, nodes

from backend.web.templates import TEMPLATES, make_environment
from tests.pages import LABEL, check_help
from tests.web.screens import screens

ENVIRONMENT = make_environment(demo=True)
SCREENS = sorted(
    page.relative_to(TEMPLATES).as_posix().removesuffix(".html")
    for page in TEMPLATES.glob("patient/*/*.html")
    if not page.name.startswith("_") and not page.name.endswith(".simple.html")
)
LONGEST, STEPS = 12, 3
WORD, END, VALUE = re.compile(r"[\w-]+|…"), re.compile(r"[.?!]\s|</li>|\n"), "…"
JARGON = re.compile(
    r"\b(tu|ton|ta|tes|veuillez|usager|NIR|INS|OTP|cliquez|via|etc)\b", re.IGNORECASE
)


def source(name: str) -> str:
    return (TEMPLATES / name).read_text()


def readings(tree: Iterable[nodes.Node]) -> list[str]:
    """All that a template may say; a value is one word, « … », and a loop turns once."""
    said = [""]
    for node in tree:
        match node:
            case nodes.TemplateData():
                more = [node.data]
            case nodes.If():
                elses = (readings(one.body) for one in node.elif_)
                more = sum(elses, readings(node.body)) + readings(node.else_)
            case nodes.Block() | nodes.For():
                more = readings(node.body)
            case nodes.Output():
                more = readings(node.nodes)
            case nodes.Extends():
                more = [""]
            case _:
                more = [VALUE]
        said = [before + after for before in said for after in more]
    return said


def said_by(screen: str) -> list[str]:
    name = f"{screen}.simple.html"
    return readings(ENVIRONMENT.parse(source(name), name).body)


def sentences(text: str) -> Iterator[str]:
    return (re.sub(r"<.*?>", " ", one) for one in END.split(text) if WORD.search(one))


def family(name: str) -> set[str]:
    """A template, what it stands in and what it is made of; never another plain text."""
    found = meta.find_referenced_templates(ENVIRONMENT.parse(source(name), name))
    near = {one for one in found if one and ".simple." not in one}
    return {name}.union(*map(family, near))


def shown_by(screen: str) -> str:
    """What a screen may show: its source, once as it is and once with « … » for values."""
    text = "\n".join(map(source, sorted(family(f"{screen}.html"))))
    text = re.sub(r"{#.*?#}|{% block title %}.*?{% endblock %}", "", text, flags=re.DOTALL)
    return text + re.sub(r"{{.*?}}", VALUE, text)


def is_label(words: str, shown: str) -> bool:
    """Whether a button, a link or a title says exactly this, before and after an icon at most."""
    return bool(re.search(rf'([>"}}…]|« ?){re.escape(words)} ?([<"{{(…]|»)', shown))


def test_each_screen_of_the_main_path_has_its_text_and_shows_it() -> None:
    assert len(SCREENS) >= 50, "the screens are elsewhere: look for them again"
    for screen in SCREENS:
        partial = f"{screen}.simple.html"
        assert (TEMPLATES / partial).exists(), f"{screen}.html lacks {partial}"
        assert source(f"{screen}.html").count(f'{{% include "{partial}" %}}') == 1, screen
    partials = {one.relative_to(TEMPLATES).as_posix() for one in TEMPLATES.rglob("*.simple.html")}
    assert partials == {f"{screen}.simple.html" for screen in SCREENS}, "a text without its screen"


@pytest.mark.parametrize("screen", SCREENS)
def test_it_is_short_and_plain(screen: str) -> None:
    for text in said_by(screen):
        assert 1 <= text.count("<li>") <= STEPS, text
        for sentence in sentences(text):
            assert len(WORD.findall(sentence)) <= LONGEST, sentence
            assert not JARGON.search(sentence), sentence


@pytest.mark.parametrize("screen", SCREENS)
def test_what_it_quotes_is_on_the_screen(screen: str) -> None:
    shown = shown_by(screen)
    for label in {label for text in said_by(screen) for label in LABEL.findall(text)}:
        assert is_label(label, shown), f"{screen}: nothing says « {label} »"


def test_these_tests_notice_what_is_wrong() -> None:
    assert not is_label("Continuer", "<button>Continuer mon refus</button>")
    assert is_label("Continuer", "<button>Continuer</button>")
    tree = ENVIRONMENT.parse("{% if a %}A{% elif b %}B{% endif %}c {{ d }}")
    assert readings(tree.body) == ["Ac …", "Bc …", "c …"]
    assert list(sentences("<li>Un. Deux trois ?</li>")) == [" Un", "Deux trois ?"]


@pytest.mark.parametrize("screen", SCREENS)
def test_normal_reading_has_not_a_byte_of_it(screen: str) -> None:
    assert ENVIRONMENT.get_template(f"{screen}.simple.html").render() == ""


def test_simple_reading_shows_it_once_after_the_title() -> None:
    plain, simple = screens(), screens(simple=True)
    outside = {"accounts", "inbox", "problem-404", "problem-503"}
    for name, html in simple.items():
        assert "simple-help" not in plain[name], name
        assert html.count('class="simple-help"') == (name not in outside), name
        if name not in outside:
            assert html.index("</h1>") < html.index('class="simple-help"'), name
            check_help(html)
