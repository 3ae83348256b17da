"""The desk of a laboratory: whose file it is, how far an identity is trusted, what they want."""
