from backend.domain.official import (
    LONGEST,
    MINIMAL,
    NOT_CHECKED,
    OF_EVERY_BODY,
    SAID,
    Remark,
    Template,
    Verdict,
    for_machines,
    in_full,
    in_short,
    profiles_for,
)

FRENCH = Template("1.2.250.1.213.1.1.1.1")
CR_BIO, TROD = "1.2.250.1.213.1.1.1.55", "1.2.250.1.213.1.1.1.59"
EDITIONS = [f"CI-SIS_BIO-CR-BIO_{year}.01" for year in (2021, 2023, 2024)]
THERE = [MINIMAL, *OF_EVERY_BODY, *EDITIONS, "CI-SIS_BIO-TROD_2024.01"]
RULE = Remark("profils/IHE", "Il manque un code.")


def volet(*templates: Template, structured: bool = True) -> list[str]:
    chosen = profiles_for([FRENCH, *templates], structured=structured, there=THERE)
    return [name for name in chosen if name.startswith("CI-SIS")]


def test_the_schematron_is_that_of_the_template_and_of_its_edition() -> None:
    assert volet(Template(CR_BIO, "2021.01")) == ["CI-SIS_BIO-CR-BIO_2021.01"]
    assert volet(Template(TROD, "2024.01")) == ["CI-SIS_BIO-TROD_2024.01"]
    assert volet(Template(CR_BIO)) == volet(Template(CR_BIO, "1999.01")) == [EDITIONS[-1]]
    assert volet(Template("1.2.3")) == []


def test_a_document_without_sections_is_checked_for_its_header_alone() -> None:
    level_1 = [FRENCH, Template("1.3.6.1.4.1.19376.1.2.20")]
    assert profiles_for(level_1, structured=False, there=THERE) == [MINIMAL]
    assert profiles_for(level_1, structured=True, there=THERE) == [MINIMAL, *OF_EVERY_BODY]
    assert profiles_for(level_1, structured=True, there=[]) == []


def test_what_is_said_is_short_then_whole() -> None:
    clean = Verdict(applied=("CDA_extended.xsd", "profils/IHE"))
    assert in_short(clean) == "Conforme : CDA_extended.xsd, IHE."
    assert (for_machines(clean), clean.code) == ([], "")
    broken = Verdict(remarks=(RULE,))
    assert in_short(broken) == "1 règle officielle n’est pas respectée."
    assert in_full(broken) == ["IHE : Il manque un code."]
    assert for_machines(broken) == [in_short(broken), *in_full(broken)]
    assert broken.code == "official-1"
    assert in_short(Verdict(remarks=(RULE, RULE))).startswith("2 règles officielles ne sont pas")
    light = Verdict(remarks=(Remark("profils/IHE", "Mieux vaut.", light=True),))
    assert (in_short(light), light.code) == ("Conforme, avec des remarques.", "")
    assert NOT_CHECKED.code == "official-unavailable"
    assert in_short(NOT_CHECKED) == "Contrôle officiel indisponible : schéma et schématrons."
    partly = Verdict(missing=("profils/IHE",))
    assert in_short(partly) == "Contrôle officiel indisponible : IHE."


def test_a_machine_is_told_a_few_rules_that_are_not_too_long() -> None:
    many = Verdict(remarks=(Remark("IHE", "x" * 900),) * 30)
    told = for_machines(many)
    assert len(told) == 1 + SAID
    assert max(map(len, told)) == LONGEST
