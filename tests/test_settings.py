from base64 import b64encode
from pathlib import Path
from random import Random

import pytest

from backend.settings import BadSettings, Mode, Official, Release, Security, Settings, Worker
from backend.settings.reading import Reader
from tests.official import lay_out

KEY = b64encode(Random(7).randbytes(32)).decode()
PRODUCTION = {
    "REPERES_MODE": "production",
    "REPERES_ROOT_KEY": KEY,
    "REPERES_DATABASE_URL": "postgresql://reperes:s3cret@db.example/reperes",
    "REPERES_PUBLIC_URL": "https://sante.example/",
    "REPERES_SMTP_HOST": "mail.example",
    "REPERES_SMTP_FROM": "ne-pas-repondre@sante.example",
}


def demo(tmp_path: Path, **variables: str) -> Settings:
    return Settings.from_env({"REPERES_VAR_DIR": str(tmp_path), **variables})


def problems(env: dict[str, str]) -> str:
    with pytest.raises(BadSettings) as caught:
        Settings.from_env(env)
    return str(caught.value)


def test_nothing_has_to_be_set_for_a_demonstration(tmp_path: Path) -> None:
    settings = demo(tmp_path)

    assert settings.mode is Mode.DEMO
    assert settings.is_demo
    assert (settings.host, settings.port) == ("0.0.0.0", 8000)
    assert settings.public_url == "http://localhost:8000"
    assert settings.database_url is None
    assert settings.storage_url == f"file://{tmp_path}/blobs"
    assert (settings.smtp, settings.sms) == (None, None)
    assert settings.worker is Worker.INPROCESS
    assert settings.withheld_release is Release.LAW
    assert not settings.masked_visible_to_treating_physician
    assert not settings.blocked_author_reads


def test_a_demonstration_makes_its_key_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = demo(tmp_path)

    file = tmp_path / "keys/root.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert len(first.root_key) == 32
    assert demo(tmp_path).root_key == first.root_key
    assert demo(tmp_path / "elsewhere").root_key != first.root_key


def test_production_takes_what_it_needs() -> None:
    settings = Settings.from_env(PRODUCTION)

    assert not settings.is_demo
    assert settings.database_url == "postgresql+psycopg://reperes:s3cret@db.example/reperes"
    assert settings.public_url == "https://sante.example"
    assert settings.allowed_hosts == ("sante.example", "localhost", "127.0.0.1")
    assert settings.smtp
    assert (settings.smtp.port, settings.smtp.security) == (587, Security.STARTTLS)


def test_production_says_at_once_all_that_it_misses() -> None:
    said = problems({"REPERES_MODE": "production"}).splitlines()

    assert [sentence.split()[0] for sentence in said] == [
        "REPERES_PUBLIC_URL",
        "REPERES_DATABASE_URL",
        "REPERES_SMTP_HOST",
        "REPERES_ROOT_KEY",
    ]


def test_the_key_of_a_demonstration_is_refused_in_production(tmp_path: Path) -> None:
    demo(tmp_path)
    key = (tmp_path / "keys/root.key").read_text().strip()

    assert "key of a demonstration" in problems(PRODUCTION | {"REPERES_ROOT_KEY": key})


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("not base64!", "is not base64"),
        (b64encode(b"short").decode(), "holds 5 bytes and not 32"),
        (b64encode(b"a" * 32).decode(), "is not random"),
        (b64encode(b"0123456789abcde" * 2 + b"01").decode(), "is not random"),
    ],
)
def test_a_weak_key_is_refused(key: str, sentence: str) -> None:
    said = problems(PRODUCTION | {"REPERES_ROOT_KEY": key})
    assert sentence in said
    assert key not in said


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("PORT", "80a", "a whole number from 0 to 65535"),
        ("PORT", "70000", "a whole number from 0 to 65535"),
        ("MODE", "prod", "demo or production is expected"),
        ("BLOCKED_AUTHOR_READS", "maybe", "true or false is expected"),
        ("DATABASE_URL", "sqlite:///x", "must start with postgresql://"),
        ("STORAGE_URL", "ftp://x", "must be like file:///folder or s3://bucket/prefix"),
        ("STORAGE_URL", "file:///", "must be like file:///folder or s3://bucket/prefix"),
        ("PUBLIC_URL", "sante.example", "an address like https://example.org"),
        ("PUBLIC_URL", "https://sante.example/espace", "an address like https://example.org"),
        ("SMS_URL", "http://sms.example", "must start with https://"),
        ("VITALE_URL", "http://10.0.0.7:9982", "the desk’s own machine"),
        ("VITALE_URL", "https://127.0.0.1:9982", "the desk’s own machine"),
        ("VITALE_URL", "http://127.0.0.1:9982/ https://x", "the desk’s own machine"),
        ("ROOT_KEY_FILE", "/nowhere/key", "which cannot be read: No such file or directory."),
        ("DATABSE_URL", "postgresql://db", "Did you mean REPERES_DATABASE_URL?"),
    ],
)
def test_a_mistake_is_told_with_its_name(
    tmp_path: Path, variable: str, value: str, sentence: str
) -> None:
    said = problems({"REPERES_VAR_DIR": str(tmp_path), f"REPERES_{variable}": value})
    assert f"REPERES_{variable} " in said
    assert sentence in said


def test_mail_in_clear_is_for_demonstrations_and_for_the_same_machine() -> None:
    clear = {"REPERES_SMTP_SECURITY": "none"}
    assert "only for localhost" in problems(PRODUCTION | clear)
    local = Settings.from_env(PRODUCTION | clear | {"REPERES_SMTP_HOST": "localhost"})
    assert local.smtp
    assert local.smtp.port == 25


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    env = {name: value for name, value in PRODUCTION.items() if name != "REPERES_ROOT_KEY"}

    settings = Settings.from_env(env | {"REPERES_ROOT_KEY_FILE": str(file)})

    assert settings.root_key == Settings.from_env(PRODUCTION).root_key
    assert "is given twice" in problems(PRODUCTION | {"REPERES_ROOT_KEY_FILE": str(file)})


def test_make_run_may_choose_host_and_port(tmp_path: Path) -> None:
    assert demo(tmp_path, PORT="9000").port == 9000
    assert demo(tmp_path, PORT="9000", REPERES_PORT="9001").port == 9001
    assert demo(tmp_path, HOST="0.0.0.0").allowed_hosts == ("*",)
    assert demo(tmp_path, HOST="x86_64-conda-linux-gnu").host == "0.0.0.0"


def test_no_secret_is_shown(tmp_path: Path) -> None:
    secrets = {
        "REPERES_SMTP_USER": "reperes",
        "REPERES_SMTP_PASSWORD": "mot de passe",
        "REPERES_SMS_URL": "https://sms.example",
        "REPERES_SMS_TOKEN": "jeton",
    }
    settings = Settings.from_env(PRODUCTION | secrets | {"REPERES_VAR_DIR": str(tmp_path)})
    shown = "\n".join(settings.describe())

    for secret in ("mot de passe", "jeton", "s3cret", KEY, repr(settings.root_key)):
        assert secret not in repr(settings)
        assert secret not in shown
    assert "smtp.host = mail.example" in shown
    assert "smtp.password = (hidden)" in shown
    assert "root_key = (hidden)" in shown


def test_the_guide_names_every_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    text = Reader.text

    def noted(self: Reader, name: str, default: str = "") -> str:
        asked.add(name)
        return text(self, name, default)

    monkeypatch.setattr(Reader, "text", noted)
    demo(tmp_path)
    guide = (Path(__file__).parents[1] / "README.md").read_text()

    assert [name for name in sorted(asked) if f"`REPERES_{name}`" not in guide] == []


def test_a_demonstration_shows_the_letters_about_reported_accesses(tmp_path: Path) -> None:
    assert demo(tmp_path).reports_email == "signalements@reperes.example"
    assert Settings.from_env(PRODUCTION).reports_email == ""
    told = Settings.from_env(PRODUCTION | {"REPERES_REPORTS_EMAIL": "dpo@sante.example"})
    assert told.reports_email == "dpo@sante.example"
    for wrong in (
        "dpo",
        "a@b, c@d.fr",
        "DPO <dpo@sante.example>",
        "dpo@sante.example\nBcc: x@y.fr",
    ):
        assert "REPERES_REPORTS_EMAIL" in problems(PRODUCTION | {"REPERES_REPORTS_EMAIL": wrong})


def test_a_line_has_all_its_certificates_or_there_is_none(tmp_path: Path) -> None:
    assert Settings.from_env(PRODUCTION).mllp is None
    ours = demo(tmp_path).mllp
    assert ours
    assert (ours.host, ours.port) == ("127.0.0.1", 2575)
    assert ours.certificate == tmp_path / "mllp" / "server.crt"
    pem, other = tmp_path / "ours.pem", tmp_path / "other"
    pem.write_text("-----BEGIN CERTIFICATE-----\n")
    other.write_text("not PEM")
    names = ("MLLP_CERTIFICATE", "MLLP_KEY", "MLLP_CLIENT_CA", "MLLP_CRL")
    whole = PRODUCTION | {f"REPERES_{name}": str(pem) for name in names}
    given = Settings.from_env(whole).mllp
    assert given
    assert (given.authorities, given.revoked) == (pem, pem)
    tried = {f"REPERES_{name}": str(pem) for name in names[:-1]}
    assert demo(tmp_path, **tried).mllp, "a demonstration does without a list"
    for name, wrong in (
        ("MLLP_KEY", ""),
        ("MLLP_CLIENT_CA", str(other)),
        ("MLLP_CRL", str(tmp_path / "nothing")),
        ("MLLP_CRL", ""),
        ("MLLP_PORT", "0"),
    ):
        assert f"REPERES_{name} " in problems(whole | {f"REPERES_{name}": wrong})


def test_insi_is_asked_over_https_with_a_certificate(tmp_path: Path) -> None:
    assert demo(tmp_path).insi is None
    here = demo(tmp_path, REPERES_INSI_URL="http://127.0.0.1:9000/lps").insi
    assert here
    assert (here.url, here.idam) == ("http://127.0.0.1:9000/lps", "DEMO")
    pem = tmp_path / "insi.pem"
    pem.write_text("-")
    wanted = {
        "REPERES_INSI_URL": "https://qualiflps.services-ps.ameli.fr/lps",
        "REPERES_INSI_IDAM": "PDP1",
        "REPERES_INSI_CERTIFICATE": str(pem),
        "REPERES_INSI_KEY": str(pem),
        "REPERES_INSI_KEY_PASSWORD": "s3cret-pass",
    }
    settings = Settings.from_env(PRODUCTION | wanted)
    assert settings.insi
    assert settings.insi.certificate == pem
    assert "s3cret-pass" not in "".join(settings.describe()) + repr(settings)
    assert settings.insi.instance == Settings.from_env(PRODUCTION | wanted).insi.instance  # type: ignore[union-attr]
    for change, said in (
        ({"REPERES_INSI_URL": "http://insi.example/lps"}, "must start with https://"),
        ({"REPERES_INSI_URL": "http://127.0.0.1:9000/lps"}, "must start with https://"),
        ({"REPERES_INSI_IDAM": ""}, "REPERES_INSI_IDAM as well"),
        ({"REPERES_INSI_KEY": ""}, "REPERES_INSI_KEY is required"),
        ({"REPERES_INSI_AUTHORITIES": "/nowhere"}, "must name a file"),
    ):
        assert said in problems(PRODUCTION | wanted | change)


def test_an_alert_comes_before_the_refusal(tmp_path: Path) -> None:
    assert demo(tmp_path).records.told_hour < demo(tmp_path).records.hour
    said = problems(
        {"REPERES_RECORDS_ALERT_PER_DAY": "300", "REPERES_RECORDS_PER_HOUR": "0", **PRODUCTION}
    )
    assert "REPERES_RECORDS_ALERT_PER_DAY is above REPERES_RECORDS_PER_DAY" in said
    assert "REPERES_RECORDS_PER_HOUR is “0”" in said


def test_official_files_are_those_of_a_folder(tmp_path: Path) -> None:
    assert demo(tmp_path).official is None
    wrong = problems({"REPERES_OFFICIAL_CDA": str(tmp_path), "REPERES_OFFICIAL_CDA_BROKEN": "stop"})
    assert "REPERES_OFFICIAL_CDA must name a folder" in wrong
    assert "REPERES_OFFICIAL_CDA_BROKEN is “stop”: warn or refuse is expected" in wrong
    folder = lay_out(tmp_path / "official")
    chosen = {"REPERES_OFFICIAL_CDA": str(folder)}
    assert demo(tmp_path, **chosen).official == Official(folder)
    strict = chosen | {"REPERES_OFFICIAL_CDA_BROKEN": "refuse"}
    assert demo(tmp_path, **strict).official == Official(folder, refuses=True)
