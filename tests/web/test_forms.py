from backend.domain.errors import Refused
from backend.web.forms import Draft


def short(text: str) -> str:
    if not text.strip():
        raise Refused("Écrivez un objet.")
    return text.strip()


def test_every_field_is_tried_and_what_was_typed_is_kept() -> None:
    draft = Draft({"subject": "  ", "body": " Bonjour "}, fields=("subject", "body"))
    assert draft.take("subject", short) is None
    assert draft.take("body", short) == "Bonjour"
    assert draft.errors == {"subject": "Écrivez un objet."}
    assert draft.typed == {"subject": "  ", "body": " Bonjour "}


def test_a_password_is_read_to_the_letter_and_never_given_back() -> None:
    draft = Draft({"password": " x "}, fields=("password",), secret="password")
    assert draft.take("password", str) == " x "
    assert draft.typed == {"password": ""}


def test_a_form_not_yet_sent_has_all_its_fields_empty() -> None:
    draft = Draft(fields=("subject",))
    assert (draft.typed, draft.errors) == ({"subject": ""}, {})


def test_a_file_sent_where_words_are_expected_is_no_words() -> None:
    draft = Draft({"subject": b"\x00", "other": "x"}, fields=("subject",))
    assert draft.typed == {"subject": ""}
