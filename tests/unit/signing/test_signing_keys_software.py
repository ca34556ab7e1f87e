"""The software key through the behaviour of every signing key."""

from __future__ import annotations

import pytest

from signing.software_key import SoftwareKey
from tests.fakes.signing_key_behaviour import MadeKey, SigningKeyBehaviour
from tests.unit.signing.signed_samples import COMPANY, USCC, Office


class TestSoftwareKey(SigningKeyBehaviour):
    @pytest.fixture
    def made_key(self, office: Office) -> MadeKey:
        key = SoftwareKey.generate()
        chain = office.ca.certify_seal(
            key.public_key_der, organisation=COMPANY, organisation_id=USCC, seal_name="供用电合同专用章"
        )
        return MadeKey(key=key, chain=chain, office=office)
