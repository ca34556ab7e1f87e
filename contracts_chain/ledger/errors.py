"""Why an anchor, a seal or a status proof is refused; one class and one code per reason.

Refutations keep both compared values as text in ``expected`` and ``actual`` so that a
report can print them side by side. A shape that cannot be read at all is
``ProofFormError``; a validator set that the trust bundle does not name leaves the
question open.
"""

from __future__ import annotations

from kernel.errors import FaultError, RefutedError, RejectedError, UndecidedError

__all__ = [
    "AnchorRevertedError",
    "ChainUnavailableError",
    "CheckpointMismatchError",
    "CodeHashMismatchError",
    "DoubledSealerError",
    "EventMissingError",
    "ExtraDataError",
    "ForeignChainError",
    "ForeignProofError",
    "FutureBlockError",
    "HeaderRuleError",
    "HeaderShapeError",
    "LedgerRefutedError",
    "NonCanonicalRlpError",
    "ProofFormError",
    "QuorumError",
    "ReceiptFailedError",
    "SealInvalidError",
    "StatusWordError",
    "TransactionMismatchError",
    "TrieProofError",
    "UnknownSealerError",
    "ValidatorListError",
    "ValidatorSetUnknownError",
]


class LedgerRefutedError(RefutedError):
    """The chain's bytes contradict the claim; both sides are kept.

    Attributes:
        expected: What the trust bundle, the header or the claim calls for.
        actual: What was found instead.
    """

    code = "anchor_refuted"

    def __init__(self, en: str, zh: str, *, expected: str, actual: str) -> None:
        """Keep both values beside the two sentences."""
        super().__init__(
            f"{en}: expected {expected}, found {actual}", f"{zh}：应为 {expected}，实为 {actual}"
        )
        self.expected = expected
        self.actual = actual


class NonCanonicalRlpError(LedgerRefutedError):
    """Bytes are not the one canonical RLP encoding of their value."""

    code = "rlp_not_canonical"


class HeaderShapeError(LedgerRefutedError):
    """The block header does not have the fields and sizes of an execution header."""

    code = "header_shape"


class HeaderRuleError(LedgerRefutedError):
    """A constant that every QBFT header carries has another value here."""

    code = "header_rule"


class ExtraDataError(LedgerRefutedError):
    """``extraData`` is not the five canonical items of Besu's QBFT."""

    code = "extra_data"


class ForeignProofError(LedgerRefutedError):
    """The proof names another chain or another registry than the trust bundle."""

    code = "foreign_proof"


class TrieProofError(LedgerRefutedError):
    """Trie nodes do not lead from the root to the key: missing, changed or superfluous."""

    code = "trie_proof"


class ReceiptFailedError(LedgerRefutedError):
    """The transaction was mined but failed: it anchored nothing."""

    code = "receipt_failed"


class EventMissingError(LedgerRefutedError):
    """The receipt holds no ``Anchored`` event of the trusted registry."""

    code = "event_missing"


class CheckpointMismatchError(LedgerRefutedError):
    """The chain anchored another checkpoint than the proof claims."""

    code = "checkpoint_mismatch"


class CodeHashMismatchError(LedgerRefutedError):
    """Other code stands at the registry's address."""

    code = "registry_code"


class TransactionMismatchError(LedgerRefutedError):
    """The proven transaction is not the claimed one, or was not meant for this registry."""

    code = "transaction_mismatch"


class ValidatorListError(LedgerRefutedError):
    """The header lists other validators than the trust bundle has for this height."""

    code = "validator_list"


class SealInvalidError(LedgerRefutedError):
    """A commit seal is no valid secp256k1 signature."""

    code = "seal_invalid"


class UnknownSealerError(LedgerRefutedError):
    """A seal was made by someone who was no validator at this height."""

    code = "sealer_unknown"


class DoubledSealerError(LedgerRefutedError):
    """One validator sealed twice; the whole header is refused."""

    code = "sealer_doubled"


class QuorumError(LedgerRefutedError):
    """Fewer than ceil(2N/3) validators sealed the block."""

    code = "quorum_missed"


class FutureBlockError(LedgerRefutedError):
    """The block claims a time later than the moment of verification."""

    code = "block_from_future"


class StatusWordError(LedgerRefutedError):
    """The proven storage word is not the claimed one or means nothing."""

    code = "status_word"


class ProofFormError(RejectedError):
    """The JSON of a proof lacks a member, has one too many, or holds the wrong type."""

    code = "proof_form"


class ValidatorSetUnknownError(UndecidedError):
    """The trust bundle names no validator set for the block's height."""

    code = "validator_set_unknown"


class ChainUnavailableError(UndecidedError):
    """The chain's RPC gives no answer now; the anchor waits in the outbox."""

    code = "chain_unavailable"


class AnchorRevertedError(LedgerRefutedError):
    """The registry refused the checkpoint: the mined transaction has status 0."""

    code = "anchor_reverted"


class ForeignChainError(FaultError):
    """The RPC endpoint serves another chain than the one configured."""

    code = "foreign_chain"
