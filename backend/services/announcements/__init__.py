"""Results that wait for a consultation d’annonce: who makes it, until it is made (R.1111-53)."""

from backend.services.announcements.planning import begin, end, follow, plan

__all__ = ["begin", "end", "follow", "plan"]
