"""Envois MSSanté: the states, who receives, what stops it, the words."""

from datetime import date
from itertools import product

import pytest
from msgspec.structs import replace

from backend.demo.reports import demo_reports
from backend.domain.deposits import Deposit, DepositAction, DepositRefused, Flags, Order, Recipient
from backend.domain.dispatches import (
    DispatchState,
    Facts,
    News,
    Role,
    Sending,
    after,
    check_recipients,
    citizen_address,
    destinations,
    is_for,
    is_secure,
    reason_of,
    secured,
    smtp_code,
    why_not,
)
from backend.domain.dispatches.destinations import Destination
from backend.domain.dispatches.letter import body_of, label_of, pdf_name, subject_of
from backend.domain.dispatches.mailboxes import Box, BoxKind, choose
from backend.domain.dispatches.reasons import OURS
from backend.domain.formats.fhir_directory import NotADirectory, read_boxes, write_bundle
from backend.domain.reports import Organisation, Person

REPORT = next(
    sent for sent in demo_reports(date(2026, 11, 23)) if sent.name == "laura-bilan-sanguin-v1"
).report
HEADER = REPORT.header
PRESCRIBER = HEADER.prescriber
GP = Person(national_id="899700099999", family="AUBERT", given="LUCIE")
BOTH = Order(to_professionals=True, to_patient=True)
PLAIN = Flags()
NOBODY = Person()
NAMES = {
    "promised": "P",
    "sent": "S",
    "delivered": "D",
    "read": "R",
    "bounced": "B",
    "given-up": "G",
    "cancelled": "C",
    "settled": "F",
}
TABLE = {
    #             sent delivered read refused given-up cancelled replayed settled
    "promised":  "S    D         R    B       G        C         -        -",
    "sent":      "-    D         R    B       -        -         -        -",
    "delivered": "-    -         R    B       -        -         -        -",
    "read":      "-    -         -    -       -        -         -        -",
    "bounced":   "-    D         R    -       -        -         P        F",
    "given-up":  "-    D         R    B       -        -         P        F",
    "cancelled": "-    D         R    -       -        -         -        -",
    "settled":   "-    D         R    -       -        -         P        -",
}  # fmt: skip


def test_each_state_and_each_news_as_the_table_says() -> None:
    assert list(TABLE) == [state.value for state in DispatchState]
    for state, line in TABLE.items():
        for news, expected in zip(News, line.split(), strict=True):
            found = after(DispatchState(state), news)
            assert NAMES.get(found or "", "-") == expected, (state, news)


def test_news_in_any_order_end_the_same_when_it_was_read() -> None:
    mail = (News.SENT, News.DELIVERED, News.READ)
    for order in product(mail, repeat=4):
        state = DispatchState.PROMISED
        for news in order:
            state = after(state, news) or state
        if News.READ in order:
            assert state is DispatchState.READ


def deposit(order: Order, *recipients: Recipient, gp: Person = NOBODY, **header: object) -> Deposit:
    report = replace(REPORT, header=replace(HEADER, general_practitioner=gp, **header))
    return Deposit(
        action=DepositAction.NEW,
        patient=HEADER.patient,
        sender=Organisation(),
        type_code="11502-2",
        content=b"",
        report=report,
        flags=PLAIN,
        recipients=recipients,
        order=order,
    )


def said(deposit_: Deposit, flags: Flags = PLAIN) -> list[tuple[Role, str, str]]:
    return [
        (one.role, one.person.national_id, one.address) for one in destinations(deposit_, flags)
    ]


def test_nothing_leaves_unless_it_is_asked() -> None:
    assert said(deposit(Order(), Recipient(PRESCRIBER, "a@b.mssante.fr"), gp=GP)) == []


def test_recipients_are_those_of_the_message_with_the_part_they_play() -> None:
    to = (
        Recipient(PRESCRIBER, "paul@medecins.mssante.fr"),
        Recipient(GP, "lucie@medecins.mssante.fr"),
        Recipient(Person(), "cardiologie@chu.mssante.fr"),
        Recipient(PRESCRIBER, "paul@medecins.mssante.fr"),
    )
    assert said(deposit(Order(to_professionals=True), *to, gp=GP)) == [
        (Role.PRESCRIBER, PRESCRIBER.national_id, "paul@medecins.mssante.fr"),
        (Role.PHYSICIAN, GP.national_id, "lucie@medecins.mssante.fr"),
        (Role.COPY, "", "cardiologie@chu.mssante.fr"),
    ]


def test_without_any_they_are_the_prescriber_and_the_treating_physician() -> None:
    assert said(deposit(Order(to_professionals=True), gp=GP)) == [
        (Role.PRESCRIBER, PRESCRIBER.national_id, ""),
        (Role.PHYSICIAN, GP.national_id, ""),
    ]
    same = said(deposit(Order(to_professionals=True), gp=PRESCRIBER))
    assert same == [(Role.PRESCRIBER, PRESCRIBER.national_id, "")]


def test_an_address_that_is_none_is_looked_for_again() -> None:
    for wrong in (
        "",
        "paul",
        "a@b, c@d.fr",
        "Paul <p@x.mssante.fr>",
        "p@x.mssante.fr\nBcc: y@z.fr",
    ):
        to = Recipient(PRESCRIBER, wrong)
        assert said(deposit(Order(to_professionals=True), to))[0][2] == ""
        assert said(deposit(Order(to_professionals=True), Recipient(Person(), wrong))) == [
            (Role.PRESCRIBER, PRESCRIBER.national_id, "")
        ]


def test_a_patient_receives_at_their_ins_whatever_the_message_says() -> None:
    wrong = Recipient(Person(), "27707279035121518989@patient.mssante.fr", is_patient=True)
    own = f"{HEADER.patient.matricule}@patient.mssante.fr"
    assert said(deposit(Order(to_patient=True), wrong)) == [(Role.PATIENT, "", own)]
    assert said(deposit(Order(to_patient=True))) == [(Role.PATIENT, "", own)]


def test_a_citizens_address_among_professionals_gets_nothing() -> None:
    sly = Recipient(PRESCRIBER, f"{HEADER.patient.matricule}@Patient.MSSante.fr")
    assert Role.PATIENT not in {
        role for role, *_ in said(deposit(Order(to_professionals=True), sly))
    }
    assert all(
        "patient" not in address for *_, address in said(deposit(Order(to_professionals=True), sly))
    )


@pytest.mark.parametrize(
    "flags", [Flags(withheld=True), Flags(hidden_from_guardians=True)], ids=["withheld", "hidden"]
)
def test_what_is_kept_from_a_patient_never_goes_to_them(flags: Flags) -> None:
    assert {role for role, *_ in said(deposit(BOTH), flags)} == {Role.PRESCRIBER}
    assert why_not(Role.PATIENT, Facts(withheld=flags.withheld, hidden_from_guardians=True))


def test_the_eleventh_recipient_is_refused_not_forgotten() -> None:
    asked, unasked = Order(to_professionals=True), Order(to_patient=True)
    crowd = [Recipient(Person(), f"b{n}@x.mssante.fr") for n in range(11)]
    check_recipients(deposit(asked, *crowd[:10], *crowd[:10]))
    check_recipients(deposit(unasked, *crowd))
    assert len(said(deposit(asked, *crowd[:10], *crowd[:5]))) == 10
    with pytest.raises(DepositRefused, match="10 destinataires au plus, et celui-ci en a 11") as no:
        check_recipients(deposit(asked, *crowd))
    assert (no.value.code, no.value.place) == ("906", "recipients")


def test_an_ins_makes_an_address_and_nothing_else_does() -> None:
    assert citizen_address("2B0012B02077718"[:15]).startswith("2B0012B02077718@")
    for wrong in ("", "279035121518989@x", "27707279035121518989", "２79035121518989"):
        with pytest.raises(ValueError, match="fifteen"):
            citizen_address(wrong)


def test_only_the_espace_de_confiance_is_secure() -> None:
    domains = ("mssante.fr",)
    for good in ("a@mssante.fr", "a.b@medecins.mssante.fr", "1" * 15 + "@patient.mssante.fr"):
        assert is_secure(good, domains)
    for bad in (
        "",
        "a@gmail.com",
        "a@evilmssante.fr",
        "a@mssante.fr.evil.com",
        "a@X.mssante.fr",
        "a@mssante.fr,b@gmail.com",
        "<a@mssante.fr>",
    ):
        assert not is_secure(bad, domains), bad


def test_a_citizens_mailbox_is_for_its_patient_and_for_nobody_else() -> None:
    domains, citizen = ("mssante.fr",), f"{HEADER.patient.matricule}@patient.mssante.fr"
    deeper = citizen.replace("@", "@x.")
    for role in Role:
        assert is_for(role, citizen, domains) is (role is Role.PATIENT)
        assert is_for(role, deeper, domains) is (role is Role.PATIENT)
        assert is_for(role, "a@medecins.mssante.fr", domains) is (role is not Role.PATIENT)
        assert not is_for(role, "a@gmail.com", domains)
    assert choose([Box(citizen, BoxKind.PERSONAL)], domains) == ""


def test_an_answer_comes_back_within_the_espace_de_confiance_or_to_us() -> None:
    domains = ("mssante.fr",)
    assert secured("Labo@X.MSSANTE.FR", domains) == "Labo@x.mssante.fr"
    for wrong in ("", "labo@gmail.com", "labo"):
        assert secured(wrong, domains) == ""


def test_everything_is_asked_again_and_one_reason_suffices() -> None:
    assert why_not(Role.PRESCRIBER, Facts()) == why_not(Role.PATIENT, Facts()) == ""
    # Masked keeps a document from the record’s readers, not from whom the laboratory answers to.
    stops = {
        "opposed": Facts(record_is_live=False),
        "withdrawn": Facts(document_stands=False),
        "replaced": Facts(is_current=False),
        "blocked": Facts(blocked=True),
    }
    for role, (code, facts) in product(Role, stops.items()):
        assert why_not(role, facts) == code
    only_patients = {
        "withheld": Facts(withheld=True),
        "hidden": Facts(hidden_from_guardians=True),
        "unqualified": Facts(qualified=False),
    }
    for code, facts in only_patients.items():
        assert why_not(Role.PATIENT, facts) == code
        assert why_not(Role.PRESCRIBER, facts) == ""
    assert {*stops, *only_patients} <= set(OURS)


def test_a_subject_is_what_receiving_software_expects_without_the_day_of_birth() -> None:
    patient = replace(HEADER.patient, birth_name="LE BÉCHU-D’Œ", first_given="Zoé")
    subject = subject_of(replace(HEADER, patient=patient))
    assert subject == "XDM/1.0/DDM+CR d'examens biologiques LE BECHU-D'OE ZOE"
    assert "1991" not in subject
    assert len(label_of(replace(HEADER, type_code="x", title="é" * 90))) == 40
    assert "\n" not in subject_of(replace(HEADER, title="a\r\nBcc: x@y.fr", type_code="x"))


def test_a_pdf_has_a_name_that_any_disk_takes() -> None:
    patient = replace(HEADER.patient, birth_name="../..\\É:*?", first_given="A B")
    name = pdf_name(replace(HEADER, patient=patient))
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert name.endswith(".pdf")
    assert ".." not in name


def test_the_laboratory_says_it_in_its_words_or_we_do() -> None:
    assert body_of(HEADER, Role.PRESCRIBER, "Cher confrère,", replaces=False) == "Cher confrère,\n"
    ours = body_of(HEADER, Role.PATIENT, " ", replaces=True)
    assert ours.startswith("[Annule et remplace]\n\nBonjour")
    assert HEADER.patient.birth_name not in ours.upper().split("LABORATOIRE")[0]


@pytest.mark.parametrize(
    ("code", "words", "basic"),
    [
        ("550 5.1.1", "n’existe pas", "550"),
        ("5.1.1", "n’existe pas", "550"),
        ("552 5.2.2", "pleine", "552"),
        ("5.2.2", "pleine", "422"),
        ("5.2.3", "volumineux", "523"),
        ("550 5.7.1", "refusé", "550"),
        ("554", "refusé", "554"),
        ("no-address", "Aucune adresse", "554"),
        ("too-large", "volumineux", "523"),
        ("", "pas été remis", "554"),
    ],
)
def test_a_code_is_said_in_words_and_in_three_digits(code: str, words: str, basic: str) -> None:
    assert words in reason_of(code).words
    assert smtp_code(code) == basic


def test_their_own_mailbox_before_that_of_their_structure() -> None:
    boxes = [
        Box("app@chu.mssante.fr", BoxKind.APPLICATION),
        Box("service@chu.mssante.fr", BoxKind.ORGANISATION),
        Box("cabinet@x.mssante.fr", BoxKind.PRACTICE),
        Box("z.paul@x.mssante.fr", BoxKind.PERSONAL),
        Box("paul@x.mssante.fr", BoxKind.PERSONAL),
        Box("a.cache@x.mssante.fr", BoxKind.PERSONAL, unlisted=True),
        Box("a.paul@gmail.com", BoxKind.PERSONAL),
    ]
    domains = ("mssante.fr",)
    assert choose(boxes, domains) == choose(boxes[::-1], domains) == "paul@x.mssante.fr"
    assert choose(boxes[:2], domains) == "service@chu.mssante.fr"
    assert choose(boxes[5:], domains) == ""
    assert read_boxes(write_bundle("Practitioner", [boxes])) == boxes


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"resourceType":"OperationOutcome"}', b"\xff\xfe", b"[" * 100_000],
)
def test_an_answer_that_is_no_bundle_is_refused(body: bytes) -> None:
    with pytest.raises(NotADirectory):
        read_boxes(body)


@pytest.mark.parametrize(
    "entry",
    [
        "null",
        "[]",
        '"x"',
        "[null]",
        '[{"resource":[]}]',
        '[{"resource":{"telecom":"x"}}]',
        '[{"resource":{"telecom":[{"system":"email","value":7}]}}]',
        '[{"resource":{"telecom":[{"system":"email","value":"a@b.fr","extension":[{"url":[]}]}]}}]',
    ],
)
def test_what_is_not_understood_of_a_bundle_is_left_out(entry: str) -> None:
    assert read_boxes(f'{{"resourceType":"Bundle","entry":{entry}}}'.encode()) == []


def test_each_round_keeps_to_whom_it_went_and_no_name_goes_with_an_address_that_is_typed() -> None:
    first = Destination(Role.COPY, GP, "aubert@a.example")
    assert first.moved("") == Destination(Role.COPY, GP)
    assert first.moved("aubert@a.example") == first
    second = first.moved("autre@a.example")
    assert second == Destination(Role.COPY, NOBODY, "autre@a.example")
    sending = Sending(first, BOTH).again(second)
    assert [sending.of_round(turn, 2) for turn in (1, 2)] == [first, second]
    assert Sending(second, BOTH).of_round(1, 2) is None, "what was sent before it was kept"
