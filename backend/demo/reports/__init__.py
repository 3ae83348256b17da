"""The reports of the demonstration, and the messages that bring them."""

from backend.demo.reports.deposit import DemoDeposit
from backend.demo.reports.messages import demo_messages, envelope_of, write_message
from backend.demo.reports.timeline import demo_reports

__all__ = ["DemoDeposit", "demo_messages", "demo_reports", "envelope_of", "write_message"]
