"""Tables: SQLAlchemy models, the session, encryption at rest. No policy."""
