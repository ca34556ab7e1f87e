"""The chain side of evidence: what the registry holds and how a file proves it, offline.

Every module is pure but ``web3_registry``, which alone speaks JSON-RPC. The pure part
reads headers, seals, receipts and state as bytes and trusts nothing but the
``ChainTrust`` it is given (reference: Besu QBFT header rules, Ethereum yellow paper §4,
RFC 9162 for the checkpoints the registry keeps).
"""
