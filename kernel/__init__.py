"""What every room must agree on: bytes, digests, canonical JSON, money, time, verdicts, errors.

Nothing here knows contracts, chains or PDFs. The room imports only the standard
library and ``rfc8785``; every other room may import it (import-linter, DESIGN §2).
"""
