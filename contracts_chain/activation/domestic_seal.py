"""The domestic twin of a sealed field: a GB/T 38540 SES_Signature over the same revision.

Made in the same act, under the same release, with an SM2 key of its own that is forgotten at once.
"""

from __future__ import annotations

from contracts_chain.evidence.will import FieldToSign
from kernel.clock import Clock
from signing.model import RevocationSource, TimestampAuthority
from signing.rfc3161_authority import TimestampUnavailableError
from signing.ses.making import SealIssuer, SealOrder, make_ses

__all__ = ["DomesticSeals"]


class DomesticSeals:
    """Makes SES_Signatures; implements ``act_of_signing.SesMaker``."""

    def __init__(
        self, maker: SealIssuer, timestamps: TimestampAuthority, revocation: RevocationSource, clock: Clock
    ) -> None:
        """Take the seal maker, and where timestamps and their revocation data come from."""
        self._maker = maker
        self._timestamps = timestamps
        self._revocation = revocation
        self._clock = clock

    def __call__(self, revision: bytes, field: FieldToSign, drawing: bytes) -> bytes:
        """Seal a revision; without timestamp while no authority answers.

        Args:
            revision: Exactly the bytes up to the end of the field's signature.
            field: Whose seal.
            drawing: One-page PDF of its impression.

        Raises:
            PictureRefusedError: The drawing is beyond the bounds of a seal's picture.
            NameTooLongError: The common name would exceed 64 characters.
        """
        try:
            return self._make(revision, field, drawing, self._timestamps)
        except TimestampUnavailableError:
            return self._make(revision, field, drawing, None)

    def _make(
        self, revision: bytes, field: FieldToSign, drawing: bytes, timestamps: TimestampAuthority | None
    ) -> bytes:
        order = SealOrder.of_drawing(
            drawing,
            organisation=field.organisation,
            organisation_id=field.organisation_id,
            seal_name=field.seal_name,
        )
        return make_ses(
            self._maker,
            order,
            revision,
            at=self._clock.now(),
            timestamps=timestamps,
            revocation=self._revocation,
        )
