"""Which URLs are taken for callbacks, and to which addresses a name may lead."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.callback_places import CallbackPlaces, CallbackUrlError

PUBLIC = CallbackPlaces.of(["Inner.Example", "10.1.2.3"], trial=False)
TRIAL = CallbackPlaces.of([], trial=True)
INSIDE = (
    "10.0.0.1", "127.0.0.1", "127.8.8.8", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::", "::1",
    "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "64:ff9b::7f00:1",
    "2002:a00:1::", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff0e::1", "2001:db8::1",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_of_an_inner_network_is_open(address: str) -> None:
    assert not PUBLIC.is_open("https", "receiver.example", ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_of_the_world_is_open_by_https_alone(address: str) -> None:
    assert PUBLIC.is_open("https", "receiver.example", ip_address(address))
    assert not PUBLIC.is_open("http", "receiver.example", ip_address(address))
    assert not TRIAL.is_open("http", "receiver.example", ip_address(address))


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_an_address_wrapped_in_another_is_judged_as_itself(address: IPv4Address) -> None:
    plain = PUBLIC.is_open("https", "receiver.example", address)
    for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert PUBLIC.is_open("https", "receiver.example", ip_address(wrapped)) == plain


def test_a_named_host_may_be_inside_and_nobody_else() -> None:
    inside = ip_address("10.0.0.9")
    assert PUBLIC.is_open("https", "inner.example", inside)
    assert PUBLIC.is_open("https", "INNER.example", inside)
    assert PUBLIC.is_open("https", "inner.example", ip_address("127.0.0.1"))
    assert not PUBLIC.is_open("http", "inner.example", inside)
    assert not PUBLIC.is_open("https", "inner.example", ip_address("224.0.0.1"))
    assert not PUBLIC.is_open("https", "inner.example.evil.example", inside)


def test_this_machine_is_open_in_a_trial_alone() -> None:
    for scheme in ("http", "https"):
        assert TRIAL.is_open(scheme, "localhost", ip_address("127.0.0.1"))
        assert not PUBLIC.is_open(scheme, "localhost", ip_address("127.0.0.1"))
        assert not TRIAL.is_open(scheme, "localhost", ip_address("10.0.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example/", "https:///x", "https://", "ftp://receiver.example/", "receiver.example",
        "https://user@receiver.example/", "https://user:word@receiver.example/", "https://receiver.example/#x",
        "https://receiver.example/#", "https://receiver.example:0x1/", "https://receiver.example:70000/",
        "https://[::1/", "https://receiver.example/a b", "https://receiver.example/\n", "https://接收.example/",
        "https://receiver.example\\@inner.example/", "https://receiver.example/" + "x" * 2000, "http://127.0.0.1/",
        "http://localhost/",
        "https://.receiver.example/",
        "https://receiver'.example/",
        "https://-receiver.example/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest", "",
    ],
)  # fmt: skip
def test_such_a_url_is_not_taken(url: str) -> None:
    with pytest.raises(CallbackUrlError) as refused:
        PUBLIC.url(url)
    assert refused.value.zh.endswith("未保存")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("HTTPS://Receiver.Example", "https://receiver.example/"),
        ("https://receiver.example:443/Path?q=A", "https://receiver.example/Path?q=A"),
        ("https://receiver.example.:8443/", "https://receiver.example:8443/"),
        ("https://[2606:4700::1]:8443/x", "https://[2606:4700::1]:8443/x"),
    ],
)
def test_one_receiver_has_one_url(written: str, kept: str) -> None:
    assert PUBLIC.url(written) == kept
    assert PUBLIC.url(kept) == kept


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://localhost/x", "http://[::1]:9/"])
def test_a_trial_takes_plain_http_of_this_machine(url: str) -> None:
    assert TRIAL.url(url) == url
    with pytest.raises(CallbackUrlError):
        TRIAL.url(
            url.replace("127.0.0.1", "10.0.0.1").replace("localhost", "h").replace("[::1]", "[fd00::1]")
        )
