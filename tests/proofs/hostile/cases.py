"""A hostile deposit: its name, how its message is made, and what the sender must be told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from msgspec.structs import replace

from backend.domain.formats.cda_writer import write_cda
from backend.domain.reports import Media, Report
from tests.hiding import another
from tests.laboratory import Laboratory

PDF = "application/pdf"


@dataclass
class Desk:
    """Makes messages around hostile parts, each about a report that was never sent."""

    laboratory: Laboratory
    model: Report
    secret: str
    """The address of a file that nobody may read."""
    trap: str
    """The address of a server that nobody may call: `127.0.0.1:1234`."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(10_000))

    def report(self) -> Report:
        number = next(self._numbers)
        return another(self.model, number, days=number % 900)

    def around(self, report: Report, content: bytes | None = None) -> bytes:
        """The message of a report, or of other bytes under its name."""
        return self.laboratory.message(report, content=content)

    def cda(self, report: Report | None = None) -> bytes:
        return write_cda(report or self.report())

    def document(self, content: bytes) -> bytes:
        return self.around(self.report(), content)

    def edited(self, old: bytes, new: bytes, times: int = 1) -> bytes:
        """The message of a sound document in which some bytes were replaced."""
        report = self.report()
        content = write_cda(report)
        assert old in content, old
        return self.around(report, content.replace(old, new, times))

    def with_file(self, content: bytes, media_type: str = PDF) -> bytes:
        """The message of a report that carries this file, beside its own PDF or instead of it."""
        report = self.report()
        kept = tuple(media for media in report.media if media.media_type != media_type)
        return self.around(replace(report, media=(*kept, Media(media_type, content, "f1", "F"))))

    def message(self) -> bytes:
        return self.around(self.report())


Make = Callable[[Desk], bytes]


@dataclass(frozen=True)
class Case:
    """`verdict` is AA or AE; `code`, when given, is the error code that the sender reads."""

    name: str
    make: Make
    verdict: str = "AE"
    code: str = ""
