"""Permissioned Ethereum on py-evm: Cancun rules, Besu's QBFT headers and seals, LMDB, JSON-RPC.

Decides what a valid block of the development chain is and keeps it durably. One
proposer, several sealing validators; safe (never two sealed blocks at one height)
but not Byzantine-live: there is no round change, the proposer waits for its
validators. Production runs Besu, whose headers the same offline verifier reads.

Nothing but tests, the demo and ``serve`` starts it, and they only through
``devnet.launch`` and a port; no other room imports it (DESIGN §2).
"""
