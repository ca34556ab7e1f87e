"""Why a signature or an archive timestamp was not made; nothing was written in either case."""

from __future__ import annotations

from kernel.errors import RejectedError, UndecidedError

__all__ = ["CannotSignError", "RevocationUnavailableError"]


class CannotSignError(RejectedError):
    """The file, the field or the certificate does not admit this signature; nothing was made."""

    code = "cannot_sign"

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(
            f"this document cannot be signed here ({reason}); check the field name and the file",
            f"无法在此签署该文件（{reason}）；请检查签名域名称和文件",
        )
        self.reason = reason


class RevocationUnavailableError(UndecidedError):
    """The signer's chain could not be proven unrevoked now; a revoked signer also ends here."""

    code = "revocation_unavailable"

    def __init__(self, reason: str) -> None:
        """Keep the validator's reason."""
        super().__init__(
            f"the signer's certificate could not be proven valid now ({reason}); refresh it and try again",
            f"目前无法证明签署人证书有效（{reason}）；请更新证书状态后重试",
        )
        self.reason = reason
