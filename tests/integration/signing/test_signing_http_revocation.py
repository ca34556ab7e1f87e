"""Lists of authorities elsewhere: fetched for configured roots alone, and never taken unread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography import x509
from licensed_ca import LicensedCa, licensed_ca
from slow_peer import ENDLESS, slow_peer

from signing import http_revocation
from signing.http_revocation import PublishedLists
from signing.refusals import RevocationUnavailableError
from tests.unit.signing.signed_samples import Office


@pytest.fixture(scope="module")
def revocation_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office.founded(tmp_path_factory.mktemp("revocation") / "ca")


@pytest.fixture
def authority() -> Iterator[LicensedCa]:
    with licensed_ca() as running:
        yield running


def lists_of(office: Office, *authorities: LicensedCa) -> PublishedLists:
    return PublishedLists(office.ca, tuple(one.root_der for one in authorities), timeout_seconds=5)


def test_a_list_of_every_authority_in_the_chain_is_fetched(
    authority: LicensedCa, revocation_office: Office
) -> None:
    chain = authority.credential("张三").chain
    for given in (chain, chain[:2]):  # with the root and, as services may, without it
        found = lists_of(revocation_office, authority).crls_for(given)
        issuers = [x509.load_der_x509_crl(one).issuer.rfc4514_string() for one in found]
        assert [name.split(",")[0] for name in issuers] == [
            f"CN={authority.name} ISSUING",
            f"CN={authority.name} ROOT",
        ]


def test_what_the_authority_here_covers_is_not_fetched(
    authority: LicensedCa, revocation_office: Office
) -> None:
    chain = revocation_office.person().chain
    found = lists_of(revocation_office, authority).crls_for(chain)
    assert {x509.load_der_x509_crl(one).issuer for one in found} == {
        x509.load_der_x509_certificate(one).issuer for one in chain
    }
    assert authority.asked == []


def test_a_chain_that_only_bears_the_names_of_a_configured_root_is_asked_nowhere(
    authority: LicensedCa, revocation_office: Office
) -> None:
    with licensed_ca(authority.name) as look_alike:
        chain = look_alike.credential("张三").chain
        assert lists_of(revocation_office, authority).crls_for(chain) == ()
        assert (look_alike.asked, authority.asked) == ([], [])


@pytest.mark.parametrize("content", [b"", b"<html>busy</html>", b"\x30\x03\x02\x01\x01"])
def test_an_answer_that_is_no_list_stops_the_deed(
    authority: LicensedCa, revocation_office: Office, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = authority.credential("张三").chain
    monkeypatch.setattr(authority, "crl", lambda _: content)
    with pytest.raises(RevocationUnavailableError):
        lists_of(revocation_office, authority).crls_for(chain)


def test_a_silent_authority_stops_the_deed(authority: LicensedCa, revocation_office: Office) -> None:
    chain = authority.credential("张三").chain
    authority.lists_down = True
    with pytest.raises(RevocationUnavailableError):
        lists_of(revocation_office, authority).crls_for(chain)


def test_a_list_without_end_stops_the_deed(
    revocation_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_revocation, "GREATEST_LIST", 20_000)
    with slow_peer(ENDLESS) as peer:
        endless = LicensedCa(name="无尽", url=peer.url)
        with pytest.raises(RevocationUnavailableError, match="too long"):
            lists_of(revocation_office, endless).crls_for(endless.credential("张三").chain)
        assert peer.ended.wait(5)


@pytest.mark.parametrize("status", [204, 302, 404])
def test_a_list_under_another_status_than_200_is_not_taken(
    authority: LicensedCa, revocation_office: Office, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = authority.credential("张三").chain
    real = http_revocation.exchange
    monkeypatch.setattr(
        http_revocation, "exchange", lambda *told, **asked: replace(real(*told, **asked), status=status)
    )
    with pytest.raises(RevocationUnavailableError, match=f"HTTP {status}"):
        lists_of(revocation_office, authority).crls_for(chain)
