"""What a seal's certificate is called was fixed by the offer; another rule since refutes no package."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows_desk import anchor_all

from contracts_chain.workflows.dossier import AgreementDossier
from contracts_chain.workflows.office import CertificateAuthority, Office
from contracts_chain.workflows.package import build_package
from kernel.verdict import Verdict


@dataclass(frozen=True)
class RenamingAuthority:
    """The same authority, after its owner named another for other parties' seals."""

    real: CertificateAuthority

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    def seal_common_name(self, *, organisation: str, organisation_id: str, seal_name: str) -> str:
        return organisation


def test_a_package_of_an_earlier_offer_is_proven_under_another_rule_of_names(
    office: Office, signed: AgreementDossier
) -> None:
    anchor_all(office)
    changed = replace(office, ca=RenamingAuthority(office.ca))  # type: ignore[arg-type]
    assert build_package(changed, signed.number).report.verdict is Verdict.PROVEN
