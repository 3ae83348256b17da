"""Backups: one moment of the database and every file that it names, sealed for a key kept away.

docs/decisions/0008-backups.md says why they are made so.
"""

from backend.services.backups.archive import BadBackup
from backend.services.backups.making import Made, make
from backend.services.backups.repository import Repository
from backend.services.backups.restoring import Restored, check, restore

__all__ = ["BadBackup", "Made", "Repository", "Restored", "check", "make", "restore"]
