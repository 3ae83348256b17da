"""What a check of the whole store found: codes and ids, nothing about anyone."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

TOLD = 1_000
"""Faults told one by one; beyond, their number is enough."""


class Fault(StrEnum):
    """What is not as it should be; the comment names what the id is of."""

    KEY_BROKEN = "record-key-broken"  # record
    TRAITS_BROKEN = "traits-broken"  # record
    FOLDER_BROKEN = "folder-broken"  # folder
    PLACEMENT_ASTRAY = "placement-astray"  # placement

    CURRENT_MISSING = "current-version-missing"  # document
    CURRENT_SUPERSEDED = "current-version-superseded"  # document
    NOT_SUPERSEDED = "former-version-not-superseded"  # version
    NUMBER_ABOVE_CURRENT = "version-above-current"  # version
    VERSION_ASTRAY = "version-without-document"  # version
    FILE_ASTRAY = "file-without-version"  # stored file

    SUMMARY_BROKEN = "summary-broken"  # version
    REPORT_BROKEN = "report-broken"  # version
    RESULT_BROKEN = "result-broken"  # result
    RESULTS_DIFFER = "results-differ-from-report"  # version
    ORIGINAL_MISSING = "original-missing"  # version
    ORIGINAL_BROKEN = "original-broken"  # version
    ORIGINAL_DIFFERS = "original-differs"  # version
    FILE_MISSING = "file-missing"  # stored file
    FILE_BROKEN = "file-broken"  # stored file
    FACTS_BROKEN = "facts-broken"  # stored file
    PARTS_DIFFER = "files-differ-from-report"  # version

    PROFILE_BROKEN = "profile-broken"  # section of a profile

    FLAGS_ALTERED = "flags-altered"  # document
    HISTORY_BROKEN = "visibility-history-broken"  # document
    HISTORY_DIFFERS = "visibility-history-differs"  # document
    WITHHELD_ON_DIFFERS = "withheld-on-another-day"  # document

    WITHOUT_RECEIPT = "version-without-receipt"  # version
    TWO_RECEIPTS = "version-with-two-receipts"  # version
    WITHDRAWN_WITHOUT_RECEIPT = "withdrawal-without-receipt"  # document
    RECEIPT_ASTRAY = "receipt-without-version"  # receipt

    NOTICE_MISSING = "notice-missing"  # document
    NOTICE_TOO_MANY = "notice-of-nothing"  # document
    NOTICE_ASTRAY = "notice-without-document"  # notice
    MAIL_NOT_PROMISED = "mail-not-promised"  # version
    PAGES_NOT_PROMISED = "pages-not-promised"  # version
    PROMISE_ASTRAY = "promise-about-nothing"  # outbox row
    PROMISE_UNTIMELY = "promise-about-withheld"  # outbox row
    PROMISE_BROKEN = "promise-broken"  # outbox row

    ANNOUNCEMENT_BROKEN = "announcement-broken"  # announcement
    ANNOUNCEMENT_ASTRAY = "announcement-of-nothing-withheld"  # announcement
    ANNOUNCEMENT_MISSING = "withheld-without-announcement"  # document
    DISPATCH_BROKEN = "dispatch-broken"  # dispatch
    CONVERSATION_BROKEN = "conversation-broken"  # conversation
    MESSAGE_BROKEN = "message-broken"  # message
    ENCLOSURE_BROKEN = "enclosure-broken"  # what came with a message
    MEASURE_BROKEN = "measure-broken"  # measure
    PATIENT_FILE_BROKEN = "patient-file-broken"  # file of a laboratory’s desk

    NOT_IN_JOURNAL = "not-in-journal"  # document
    CHANGE_LOST = "journal-tells-more"  # document
    DOCUMENT_LOST = "document-lost"  # document
    JOURNAL_BROKEN = "journal-broken"  # lane, or nothing for a checkpoint


class Broken(Struct, frozen=True):
    """One fault, and what it is about."""

    fault: Fault
    id: UUID | None


class Soundness(Struct, frozen=True):
    """How much was read, and what is broken there."""

    counts: dict[str, int]
    """How many of each thing were read."""
    leftovers: int
    """Files that no row points at: harmless, a crash before the commit leaves them."""
    removed: int
    """Leftovers removed."""
    faults: int
    broken: tuple[Broken, ...]
    """The first `TOLD` faults."""

    @property
    def ok(self) -> bool:
        """Nothing is broken."""
        return self.faults == 0


@dataclass
class Tally:
    """A check in the making."""

    counts: Counter[str] = field(default_factory=Counter)
    leftovers: int = 0
    removed: int = 0
    faults: int = 0
    broken: list[Broken] = field(default_factory=list)

    def add(self, fault: Fault, id_: UUID | None) -> None:
        """One more fault."""
        self.faults += 1
        if len(self.broken) < TOLD:
            self.broken.append(Broken(fault, id_))

    def soundness(self) -> Soundness:
        """What was found so far."""
        return Soundness(
            dict(self.counts), self.leftovers, self.removed, self.faults, tuple(self.broken)
        )
