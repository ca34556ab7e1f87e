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
            work.domestic_seals.keep(NUMBER, "SupplierSeal", FIRST, stamped=False)
            work.domestic_seals.keep(NUMBER, "ConsumerSeal", SECOND, stamped=True)
            work.commit()
        with open_work() as work:
            work.domestic_seals.keep(NUMBER, "SupplierSeal", RENEWED, stamped=True)
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
            work.domestic_seals.keep(NUMBER, "SupplierSeal", FIRST, stamped=False)
        with open_work() as work:
            assert work.domestic_seals.of_agreement(NUMBER) == ()

    def test_what_waits_for_a_timestamp_is_found_until_it_has_one(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier())
            work.domestic_seals.keep(NUMBER, "SupplierSeal", FIRST, stamped=False)
            work.domestic_seals.keep(NUMBER, "ConsumerSeal", SECOND, stamped=False)
            assert work.domestic_seals.unstamped() == (NUMBER,)
            assert work.domestic_seals.unstamped_of(NUMBER) == ("ConsumerSeal", "SupplierSeal")
            assert work.domestic_seals.unstamped_of("nobody") == ()
            work.domestic_seals.keep(NUMBER, "SupplierSeal", RENEWED, stamped=True)
            assert work.domestic_seals.unstamped_of(NUMBER) == ("ConsumerSeal",)
            work.domestic_seals.keep(NUMBER, "ConsumerSeal", SECOND, stamped=True)
            assert work.domestic_seals.unstamped() == work.domestic_seals.unstamped_of(NUMBER) == ()

    def test_every_blob_that_is_pointed_at_is_named(self, open_work: Any) -> None:
        with open_work() as work:
            work.agreements.add(a_dossier())
            assert work.domestic_seals.digests() == ()
            work.domestic_seals.keep(NUMBER, "SupplierSeal", FIRST, stamped=True)
            work.domestic_seals.keep(NUMBER, "ConsumerSeal", SECOND, stamped=False)
            assert work.domestic_seals.digests() == (SECOND, FIRST)
