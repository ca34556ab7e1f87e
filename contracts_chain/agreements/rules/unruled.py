"""Fields of shared structures that no rule can judge, each with the reason (see ``AgreementClass.unruled``).

Keyed by the dataclass that declares the field. A class names the fields of its own
dataclass itself, by path. A test proves that every field of every class is either
noticed by a rule or named in one of the two places, and that no class gives a needless
reason. The rules about text in general (blanks, drafting notes, forbidden wording,
characters) read every field named here too; they do not count as judging it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["SHARED_UNRULED"]

_PRINTED: Final = "printed as given; the signer confirms it, no list to compare it with"
_REGISTER: Final = "stands in the issuer's register, which is asked when the party is identified, not here"
_TECHNICAL: Final = "fact of the approved scheme; the reviewer compares it with the scheme that is attached"
_DEVICE: Final = "from the plate or the verification record of the device; no rule limits it"
_AGREED: Final = "free agreement of the parties; the code list already limits the choices"
_NUMBER: Final = "number that the issuer gave by its own pattern; the digest fixes the paper itself"

SHARED_UNRULED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AgreementTerms.channel": _AGREED,
        "AgreementTerms.signed_at": _PRINTED,
        "AgreementTerms.special_terms": "free text by purpose; the rules about text in general read it",
        "Annex.title": _PRINTED,
        "AuthorizationLetter.number": _NUMBER,
        "AuthorizationLetter.matters": "words of the principal; scope is judged by kinds, capacity, period",
        "BackupSource.kind": _TECHNICAL,
        "BackupSource.site": _TECHNICAL,
        "BackupSource.transfer": _AGREED,
        "BasicFeeChange.kind": "decides which notice period holds; both kinds are lawful",
        "DemarcationPoint.description": _TECHNICAL,
        "DemarcationPoint.line": _TECHNICAL,
        "DemarcationPoint.pole": _TECHNICAL,
        "DemarcationPoint.point_owner": _AGREED,
        "Dispute.body": "which court or commission is competent depends on facts outside the contract",
        "Dispute.forum": "exactly one of two by its type",
        "DocumentRef.number": _NUMBER,
        "InvoiceProfile.address": "checked against the tax register when the invoice is issued",
        "InvoiceProfile.bank_acct": "checked against the tax register when the invoice is issued",
        "InvoiceProfile.bank_name": "checked against the tax register when the invoice is issued",
        "InvoiceProfile.mode": _PRINTED,
        "MeteringPoint.collection": _TECHNICAL,
        "MeteringPoint.ct_class": _DEVICE,
        "MeteringPoint.location": _TECHNICAL,
        "MeteringPoint.meter_class": _DEVICE,
        "MeteringPoint.meter_spec": _DEVICE,
        "MeteringPoint.pt_class": _DEVICE,
        "MeteringPoint.purpose": _PRINTED,
        "MeteringPoint.wiring": _DEVICE,
        "Party.capacity_note": "words about guardianship; a reviewer reads them",
        "Party.contact": _PRINTED,
        "Party.licence_no": "must be there for the utility (R-LIC-1); its digits follow no published pattern",
        "Party.mail_addr": "any address that the party declares is one for service",
        "Party.registered_addr": _REGISTER,
        "Person.name": _REGISTER,
        "Person.post": _PRINTED,
        "PublishedFee.name": "its published basis is what R-LINT-1 demands",
        "ReceivingPoint.name": _TECHNICAL,
        "RetailContract.retail_contract_no": _NUMBER,
        "RetailContract.retailer_name": _REGISTER,
        "Source.bay": _TECHNICAL,
        "Source.entry": _TECHNICAL,
        "Source.laying": _TECHNICAL,
        "Source.line_kind": _TECHNICAL,
        "Source.line_name": _TECHNICAL,
        "Source.line_type": _TECHNICAL,
        "Source.operation": _TECHNICAL,
        "Source.protection": _TECHNICAL,
        "Source.role": _TECHNICAL,
        "Source.substation": _TECHNICAL,
        "Source.tap_point": _TECHNICAL,
        "SupplyTerms.archive_no": "the archive's own number",
        "SupplyTerms.investment_interface": _AGREED,
        "SupplyTerms.payment_mode": _AGREED,
        "SupplyTerms.renewal": _AGREED,
        "SupplyTerms.supply_addr": "decides which limit of R-VOLT-2 holds; any address is lawful",
        "SupplyTerms.tariff_version": "title of the price document in force at signing",
        "Transformer.model": _DEVICE,
        "Transformer.state": "operating fact; capacity counts by permanent reduction alone (R-CAP-1)",
    }
)
