"""What the writers write, the readers read: every report of the demonstration, there and back."""

from msgspec.structs import replace

from backend.demo.reports import DemoDeposit, envelope_of
from backend.domain.formats.cda import read_cda
from backend.domain.formats.cda_writer import write_cda
from backend.domain.formats.hl7v2 import read_message
from backend.domain.reports import Header, Media, Report

Deposits = dict[str, DemoDeposit]


def plain(header: Header) -> Header:
    """Templates are a set: their order says nothing."""
    return replace(header, templates=tuple(sorted(header.templates)))


def untitled(report: Report) -> list[Media]:
    """A CDA has no place for the title of a file: only its narrative tells it."""
    return [replace(file, title="") for file in report.media]


def test_every_report_comes_back_as_it_was_written(deposits: Deposits) -> None:
    for sent in deposits.values():
        back: Report = read_cda(write_cda(sent.report))
        assert plain(back.header) == plain(sent.report.header)
        assert back.results == sent.report.results
        assert back.comments == sent.report.comments
        assert back.level == sent.report.level
        assert untitled(back) == untitled(sent.report)


def test_every_message_comes_back_as_it_was_written(
    deposits: Deposits, messages: dict[str, bytes]
) -> None:
    for name, sent in deposits.items():
        back, envelope = read_message(messages[name]), envelope_of(sent)
        assert back.msh.control_id == envelope.control_id
        assert back.msh.charset == sent.charset
        assert back.action is sent.action
        assert back.patient == sent.patient.on_paper
        assert back.type_code == sent.report.header.type_code
        assert back.document == write_cda(sent.report)
        assert back.structure.finess == sent.laboratory.structure.finess
        assert back.sender.national_id == envelope.sender.national_id
        assert [to.address for to in back.recipients] == [to.mailbox for to in envelope.recipients]
        assert back.reply_to == envelope.reply_to
        assert back.warnings == ()


def test_every_flag_comes_back_as_it_was_written(
    deposits: Deposits, messages: dict[str, bytes]
) -> None:
    for name, sent in deposits.items():
        flags = read_message(messages[name]).flags
        asked = envelope_of(sent).flags
        for flag in flags.__struct_fields__:
            assert getattr(flags, flag) == asked.get(flag.upper(), False)
