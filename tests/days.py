"""The civil day, for tests that move a row in time: PostgreSQL's `current_date` is its server's."""

TODAY = "(now() AT TIME ZONE 'Europe/Paris')::date"
"""In a statement: the day that the service says it is, also in the hour before midnight UTC."""
