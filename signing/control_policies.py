"""What a certificate says about sole control: one policy and one notice for each level.

Decides the object identifiers (below 2.999, the arc that ITU-T X.660 keeps for examples) and the
wording of the user notice (RFC 5280 §4.2.1.4). The lower levels say so in both languages, because a
reader of the certificate must not take a text-message code for a device of the signer's own.
"""

from __future__ import annotations

from asn1crypto import x509 as asn1
from cryptography import x509

from signing.model import SoleControl

__all__ = ["LEVEL_ARC", "level_policy", "sole_control_of"]

LEVEL_ARC = "2.999.20261.1"
_ARCS = {
    SoleControl.PASSKEY: 1,
    SoleControl.TOTP: 2,
    SoleControl.ONE_TIME_CODE: 3,
    SoleControl.OWN_KEY: 4,
    SoleControl.CUSTODIAN: 5,
}
_NOTICES = {
    SoleControl.PASSKEY: (
        "签署人以本人通行密钥对该文件本身作出确认后，方使用该签名私钥。 "
        "The key was released by the signer's own passkey over the document itself."
    ),
    SoleControl.TOTP: (
        "较低等级：凭签署人验证器应用的动态码使用该签名私钥。 "
        "LOWER LEVEL: the key was released by a code of the signer's authenticator app."
    ),
    SoleControl.ONE_TIME_CODE: (
        "较低等级：凭发送至签署人经核验手机的一次性签署码使用该签名私钥。 "
        "LOWER LEVEL: the key was released by a one-time code sent to the signer's attested phone."
    ),
    SoleControl.OWN_KEY: (
        "签名私钥由签署人自行持有，本服务从未接触。 "
        "The key is held by the signer in a device of the signer's own; it was never here."
    ),
    SoleControl.CUSTODIAN: (
        "单位印章，经审批后由印章保管人使用。 "
        "A seal of an organisation, used by its custodian after approval."
    ),
}
"""At most 200 characters each, RFC 5280 §4.2.1.4."""
_LEVELS = {f"{LEVEL_ARC}.{arc}": level for level, arc in _ARCS.items()}


def level_policy(level: SoleControl) -> x509.PolicyInformation:
    """Policy and notice that a certificate of this level carries."""
    notice = x509.UserNotice(notice_reference=None, explicit_text=_NOTICES[level])
    return x509.PolicyInformation(x509.ObjectIdentifier(f"{LEVEL_ARC}.{_ARCS[level]}"), [notice])


def sole_control_of(certificate: asn1.Certificate) -> SoleControl | None:
    """The one level a certificate names; ``None`` if it names none or contradicts itself.

    Raises:
        ValueError: The extension is not ASN.1.
    """
    policies = certificate.certificate_policies_value
    named = {policy["policy_identifier"].dotted for policy in policies or ()} & _LEVELS.keys()
    return _LEVELS[named.pop()] if len(named) == 1 else None
