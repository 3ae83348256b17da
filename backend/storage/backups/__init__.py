"""What a backup is made of: sealed files, and tables read and written whole. No policy."""
