"""Repères: the personal health record for medical-biology laboratories and their patients."""

VERSION = "0.1.0"
"""The one of `pyproject.toml`, which an image of the service does not carry."""
