"""One incremental revision, written without a look at the machine's clock (ISO 32000-2 7.5.6).

pyHanko would put the time of writing and its own name into the metadata with every revision. The
draft's metadata stay as they are instead: the only times in a contract are the claimed one of each
signature and those of the tokens (rule V12).
"""

from __future__ import annotations

from pyhanko.pdf_utils.generic import ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from kernel.sized_bytes import Bytes32

__all__ = ["RevisionWriter"]


class RevisionWriter(IncrementalPdfFileWriter):
    """Writes what it is given and nothing of its own."""

    def identify(self, digest: Bytes32) -> None:
        """Set the changing half of the file identifier (ISO 32000-2 14.4), random otherwise."""
        self._document_id[1] = ByteStringObject(digest[:16])

    def _update_meta(self) -> None:
        """Leave dates and producer alone."""
