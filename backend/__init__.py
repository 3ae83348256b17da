"""Repères: the personal health record for medical-biology laboratories and their patients."""
