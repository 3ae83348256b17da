"""Two years of life, told up to today."""

from datetime import date

from backend.demo.reports.deposit import DemoDeposit
from backend.demo.reports.dominique import dominique_deposits
from backend.demo.reports.family import family_deposits
from backend.demo.reports.laura import laura_deposits


def demo_reports(today: date) -> list[DemoDeposit]:
    """Every deposit, oldest first. The same day always gives the same reports."""
    stories = (laura_deposits, dominique_deposits, family_deposits)
    return sorted((sent for story in stories for sent in story(today)), key=lambda sent: sent.at)
