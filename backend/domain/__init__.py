"""Rules. Pure: values in, values or a Problem out. No clock, no database, no network."""
