"""MLLP under mutual TLS: the same desk and the same answers as `POST /api/hl7v2`, on a line.

Who sends is known by a certificate that an operator bound to a client (`services.certificates`).
"""

from backend.interop.mllp.listener import Listener

__all__ = ["Listener"]
