"""The child process that alone runs the official checks: their engine, and strangers’ documents.

It is long-lived: the stylesheets that schematrons become take seconds to make. It has no
environment, no database, no key, no network. See `backend.gateways.official`.
"""
