"""Why a party cannot sign with a key of its own, or not with what was prepared."""

from __future__ import annotations

from kernel.errors import RejectedError

__all__ = ["OwnKeyUnfitError", "PreparationOverError"]


class OwnKeyUnfitError(RejectedError):
    """This signature cannot be made with a key of the signer's own; nothing changed."""

    code = "own_key_unfit"

    def __init__(self, reason: str, reason_zh: str) -> None:
        """Say in both languages why."""
        super().__init__(
            f"this cannot be signed with a key of your own ({reason}); use a passkey or a signing code",
            f"此处不能用您自持的密钥签署（{reason_zh}）；请改用通行密钥或签署码",
        )
        self.reason = reason


class PreparationOverError(RejectedError):
    """Nothing is prepared for this certificate over what stands now; nothing was signed."""

    code = "preparation_over"

    def __init__(self) -> None:
        """Ask to begin again."""
        super().__init__(
            "nothing is prepared for this certificate as the contract, the consent and the look of the "
            "signature stand now; begin again, nothing was signed",
            "以合同、确认内容和签名样式的当前状态，没有为该证书准备的待签内容；没有签署，请重新开始",
        )
