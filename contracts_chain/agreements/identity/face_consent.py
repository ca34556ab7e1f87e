"""The separate consent to face data: its exact words and their digest (个人信息保护法 arts 28–29).

Must be answered before any method that uses a face, on its own and not among other consents;
refusing leads to the other methods and never ends the signing (art. 16).
"""

from __future__ import annotations

from typing import Final

from kernel.digests import sha256
from kernel.errors import RejectedError
from kernel.sized_bytes import Bytes32

__all__ = ["FACE_CONSENT_EN", "FACE_CONSENT_ZH", "FaceConsentMissingError", "face_consent_sha256"]

FACE_CONSENT_ZH: Final = (
    "我单独同意使用人脸信息：由身份核验机构采集我的人脸图像，与证照照片比对一次，"
    "仅用于确认由我本人签署本合同；供电公司不保存人脸图像。我可以不同意并改用其他方式，不影响签约。"
)
FACE_CONSENT_EN: Final = (
    "I separately agree to face data: the identity provider takes a picture of my face and compares it once "
    "with the licence photo, only to confirm that I sign this contract myself; the utility keeps no "
    "picture. I may refuse and take another way; signing does not depend on it."
)


class FaceConsentMissingError(RejectedError):
    """A method with a face was chosen without the separate consent."""

    code = "face_consent_missing"

    def __init__(self) -> None:
        """Name both ways on."""
        super().__init__(
            "face data is used only with your separate agreement; tick it, or choose another way",
            "未经您单独同意，不会使用人脸信息；请勾选同意，或者改选其他核验方式",
        )


def face_consent_sha256() -> Bytes32:
    """Digest of both texts, as the consent log keeps it."""
    return sha256(f"{FACE_CONSENT_ZH}\n{FACE_CONSENT_EN}".encode())
