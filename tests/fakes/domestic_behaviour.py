"""What every store of domestic seal signatures must do; run over the fake and over PostgreSQL alike.

A subclass gives a fixture ``open_work``: a factory of units of work on an empty store.
"""

from __future__ import annotations

from typing import Any

from repository_behaviour import NUMBER, a_dossier

from kernel.digests import sha256

FIRST, SECOND, RENEWED = sha256(b"first"), sha256(b"second"), sha256(b"renewed")


class DomesticBehaviour:
    def test_each_field_points_at_its_newest_seal_signature(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier())
            work.domestic_seals.keep(NUMBER, "SupplierSeal", FIRST)
            work.domestic_seals.keep(NUMBER, "ConsumerSeal", SECOND)
            work.commit()
        with open_work() as work:
            work.domestic_seals.keep(NUMBER, "SupplierSeal", RENEWED)
            work.commit()
        with open_work() as work:
            kept = work.domestic_seals.of_agreement(NUMBER)
            assert kept == (("ConsumerSeal", SECOND), ("SupplierSeal", RENEWED))
            assert work.domestic_seals.of_agreement("nobody") == ()

    def test_what_was_not_committed_is_not_kept(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier())
            work.commit()
        with open_work() as work:
            work.domestic_seals.keep(NUMBER, "SupplierSeal", FIRST)
        with open_work() as work:
            assert work.domestic_seals.of_agreement(NUMBER) == ()
