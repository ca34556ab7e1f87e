"""The sample contract's parties under an authority elsewhere, and the settings of a house that names it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from licensed_ca import LicensedCa
from remote_signing_service import RemoteCredential
from trial_settings import trial_settings

from api.house import House
from api.settings import AuthoritySetting, Settings
from contracts_chain.activation.event_authority import signer_digest
from contracts_chain.evidence.will import SignerRef

__all__ = ["LicensedHouse", "credentials", "settings_under"]

CONSUMER = ("明州甬新精密铸造有限公司（示例）", "91330206MA2HT5E15X")
SUPPLIER = ("浙东电网有限公司明州供电公司（示例）", "91330200MA23AMP15X")
PEOPLE = {("王海明", "330299197809230152"): CONSUMER, ("顾清和", "330299198203190138"): SUPPLIER}


@dataclass(frozen=True, slots=True, kw_only=True)
class LicensedHouse:
    """The house in ``ROOM/house``, the authority it names, and the register of its own TEST CA."""

    house: House
    ca: LicensedCa
    room: Path

    def certified_here(self) -> list[str]:
        """Lines of the TEST CA's register, which begins with its first certificate."""
        register = self.room / "house" / "activation" / "private" / "test-ca" / "issued.txt"
        return register.read_text("utf-8").splitlines() if register.exists() else []


def credentials(ca: LicensedCa) -> dict[str, RemoteCredential]:
    people = {
        f"person-{signer_digest(SignerRef(name=name, id_type='RESIDENT_ID', id_no=number))}": ca.credential(
            name, *party
        )
        for (name, number), party in PEOPLE.items()
    }
    return {**people, f"seal-{CONSUMER[1]}": ca.credential(CONSUMER[0], *CONSUMER)}


def settings_under(room: Path, url: str, ca: LicensedCa) -> Settings:
    private = room / "house" / "activation" / "private"
    private.mkdir(parents=True)
    (private / "licensed-root.pem").write_bytes(ca.root_pem)
    named = {
        "certificate_authority": AuthoritySetting(
            url=url,
            person_credential="remote/person-{signer}",
            seal_credential="remote/seal-{organisation_id}",
            roots=("licensed-root.pem",),
        ),
        "tsa_urls": (f"{ca.url}/tsa",),
        "tsa_roots": ("licensed-root.pem",),
    }
    return trial_settings(room / "house").model_copy(update=named)
