"""Bytes to values and back: CDA, HL7v2."""
