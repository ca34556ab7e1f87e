"""The framework agreement of a group, written from the group's particulars and the rows of its sheet.

The head signs it (reference §5.5); its members are the sites of the sheet, so that the two
cannot differ. It stands as row 0 of a set, before the first site. Decides no term of its
own: what the sheet does not give comes from the group's file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts_chain.agreements.group_account import GroupAccount
from contracts_chain.agreements.group_findings import Gravity, RowFinding, gravity_of
from contracts_chain.agreements.group_sites import SiteRow
from contracts_chain.agreements.rules.pack import RulePack, check
from contracts_chain.agreements.rules.profile import Profile
from contracts_chain.agreements.terms import SupplyTerms
from contracts_chain.agreements.terms.group_framework import GroupFrameworkTerms, MemberParty
from contracts_chain.agreements.terms_json import terms_bytes
from contracts_chain.agreements.typed_json import Problem, typed_from
from kernel.canonical_json import JsonObject, JsonValue

__all__ = ["FRAMEWORK_ROW", "FrameworkWriter"]

FRAMEWORK_ROW = 0


@dataclass(slots=True, kw_only=True)
class FrameworkWriter:
    """Takes the sites of a sheet one by one; writes the framework agreement over them at the end.

    Attributes:
        particulars: What the group's file says of the framework agreement.
    """

    account: GroupAccount
    particulars: JsonObject
    pack: RulePack
    profile: Profile
    _members: list[JsonValue] = field(default_factory=list)

    def note(self, site: SupplyTerms) -> None:
        """Make one site a member."""
        consumer = site.consumer
        of_head = consumer.id_no == self.account.head.id_no
        self._members.append(
            {
                "cust_no": site.cust_no,
                "site": site.supply_addr,
                "party": (MemberParty.HEAD if of_head else MemberParty.OWN).value,
                "buyer_name": consumer.name,
                "buyer_tax_no": consumer.tax_no or consumer.id_no,
                "contract_kind": site.KIND.value,
                "mandate_no": None,
            }
        )

    def written(self) -> SiteRow:
        """The framework agreement as row 0: its terms, or every finding."""
        shape: list[Problem] = []
        terms = typed_from(GroupFrameworkTerms, self._whole(), "", shape)
        found = [_finding(one.path, "G-FORM", "E", one.en, one.zh) for one in shape]
        encoded = None
        if terms is not None:
            encoded = terms_bytes(terms)
            found += [
                _finding(one.path, one.rule, gravity_of(one.severity), one.en, f"{one.zh}（{one.source}）")
                for one in check(terms, self.pack, self.profile)
            ]
        stopped = any(one.severity == "E" for one in found)
        return SiteRow(
            row=FRAMEWORK_ROW, cust_no="", terms=None if stopped else encoded, findings=tuple(found)
        )

    def _whole(self) -> JsonObject:
        common = self.account.defaults
        shared = ("province", "channel", "rule_pack_version", "signed_at", "sign_by", "dispute", "renewal")
        return {
            **{name: common[name] for name in shared if name in common},
            **self.particulars,
            "group_no": self.account.group_no,
            "group_name": self.account.name,
            "supplier": common.get("supplier"),
            "head_party": common.get("consumer"),
            "members": self._members,
            "member_count": len(self._members),
        }


def _finding(path: str, rule: str, severity: Gravity, en: str, zh: str) -> RowFinding:
    return RowFinding(
        row=FRAMEWORK_ROW,
        cust_no="",
        column=f"框架协议 {path}".strip(),
        rule=rule,
        severity=severity,
        en=en,
        zh=zh,
    )
