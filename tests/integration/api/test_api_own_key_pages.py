"""A resident signs with a key of its own over plain pages: by openssl, by a token; every refusal."""

from __future__ import annotations

import base64
import html
import re
import shlex
import subprocess
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from api_resident import NAME, Resident, certified, resident
from api_service import Service, sample_order
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from deferred_key import OpensslKey
from soft_token import SoftToken
from trial_phone import ready_to_sign

from api.activation_client import HttpActivation
from contracts_chain.workflows import own_key
from contracts_chain.workflows.ceremony import consent
from contracts_chain.workflows.mark import TypedMark, choose_mark
from kernel.digests import sha256
from kernel.verdict import Verdict
from signing.holder_certificate import read_holder
from signing.inspection import inspect_pdf
from signing.model import SignerIdentity, SoleControl
from signing.pkcs11_key import Pkcs11Key


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory) -> OpensslKey:
    return OpensslKey.made(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def waiting(service: Service) -> Resident:
    """Of the tests that leave it unsigned."""
    return resident(service, "ORDER-OWN-PAGES")


@pytest.fixture(scope="module")
def chain(service: Service, waiting: Resident, holder: OpensslKey) -> tuple[bytes, ...]:
    return certified(service, waiting, holder)


@pytest.fixture(scope="module")
def company(service: Service) -> str:
    """Path of a company's link that is ready to sign, with a seal."""
    with service.client("drafter") as drafter, service.client("reviewer") as reviewer:
        order = drafter.post("/api/orders", content=sample_order("ORDER-OWN-COMPANY")).json()
        number = order["agreements"][0]["number"]
        drafter.post(f"/api/agreements/{number}/submit")
        reviewer.post(f"/api/agreements/{number}/approve")
    with service.client("supplier-desk") as desk:
        links = desk.post(f"/api/agreements/{number}/offer").json()["links"]
    token = links["consumer"].rsplit("/", 1)[-1]
    ready_to_sign(service.house.office, token)
    return f"/s/{token}"


def pem(chain: Sequence[bytes]) -> bytes:
    return b"".join(x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM) for one in chain)


def hand_over(signer: httpx.Client, who: Resident, content: bytes) -> httpx.Response:
    files = {"certificates": ("own.pem", content, "application/x-pem-file")}
    return signer.post(f"{who.link}/own-key/prepare", data={"pasted": ""}, files=files)


def page_of(who: Resident, chain: Sequence[bytes]) -> str:
    return f"{who.link}/own-key/by/{sha256(chain[0]).hex()}"


def is_error(answer: httpx.Response, title: str, *words: str, status: int = 422) -> bool:
    assert answer.status_code == status, answer.text
    assert f"<title>错误：{title}</title>" in answer.text
    return all(word in answer.text for word in words)


def consent_anew(service: Service, who: Resident) -> None:
    choose_mark(service.house.office, who.token, TypedMark(name=who.name))
    consent(service.house.office, who.token)


def signed(service: Service, who: Resident) -> SignerIdentity | None:
    """Who signed the resident's field, once the file that holds it is proven; ``None`` if nobody has."""
    office = service.house.office
    with office.work() as work:
        dossier = work.agreements.load(who.number)
    if not dossier.slots[0].signed:
        return None
    assert dossier.current_sha256 is not None
    found = inspect_pdf(office.blobs.get(dossier.current_sha256), office.trust.signatures).signatures[0]
    assert found.integrity is found.chain is found.timestamp is Verdict.PROVEN
    return found.signer


def commands_on(page: str) -> list[str]:
    blocks = re.findall(r'<pre class="command"><code>(.*?)</code></pre>', page, re.DOTALL)
    return [html.unescape(block) for block in blocks]


def test_the_command_on_the_page_makes_the_signature_that_signs(
    service: Service, chain: tuple[bytes, ...], holder: OpensslKey, tmp_path: Path
) -> None:
    who = resident(service, "ORDER-OWN-OPENSSL")
    with service.client() as signer:
        assert "同意并用您自己的证书" in signer.get(f"{who.link}/check").text
        chosen = signer.post(f"{who.link}/code", data={"by": "own-key"})
        assert chosen.headers["location"] == f"{who.link}/own-key"
        prepared = hand_over(signer, who, pem(chain))
        assert (prepared.status_code, prepared.headers["location"]) == (303, page_of(who, chain))
        page = signer.get(page_of(who, chain)).text
        given = signer.get(f"{page_of(who, chain)}/to-sign.der")
        assert given.headers["content-disposition"] == 'attachment; filename="to-sign.der"'
        assert sha256(given.content).hex() in page
        (tmp_path / "to-sign.der").write_bytes(given.content)
        command = shlex.split(commands_on(page)[-1].replace("key.pem", str(holder.folder / "own.pem")))
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
        signature = (tmp_path / "signature.bin").read_bytes()
        done = signer.post(page_of(who, chain), files={"signature": ("signature.bin", signature)})
        assert (done.status_code, done.headers["location"]) == (303, f"{who.link}/done")
        assert "您已签署" in signer.get(f"{who.link}/done").text
        again = signer.post(page_of(who, chain), files={"signature": ("signature.bin", signature)})
        assert again.headers["location"] == f"{who.link}/done"
        assert signer.get(f"{who.link}/own-key").headers["location"] == f"{who.link}/done"
    by = signed(service, who)
    assert by is not None
    assert (by.common_name, by.sole_control) == (NAME, SoleControl.OWN_KEY)
    assert by.certificate_sha256 == sha256(chain[0])


def test_a_key_in_a_token_signs_by_pasted_text(service: Service, tmp_path: Path) -> None:
    """The token makes ECDSA over openssl's digest, as ``pkcs11-tool --mechanism ECDSA`` does."""
    key = Pkcs11Key.generate(SoftToken.made(tmp_path / "card", "resident").address("01"))
    who = resident(service, "ORDER-OWN-TOKEN")
    chain = certified(service, who, key)
    with service.client() as signer:
        certificates = {"pasted": pem(chain[::-1]).decode()}
        assert signer.post(f"{who.link}/own-key/prepare", data=certificates).status_code == 303
        to_sign = signer.get(f"{page_of(who, chain)}/to-sign.der").content
        pasted = base64.encodebytes(key.sign(to_sign)).decode()
        done = signer.post(page_of(who, chain), data={"pasted": pasted})
    assert (done.status_code, done.headers["location"]) == (303, f"{who.link}/done")
    by = signed(service, who)
    assert by is not None
    assert by.certificate_sha256 == sha256(chain[0])


def test_a_signature_that_does_not_fit_comes_back_to_the_page(
    service: Service, waiting: Resident, chain: tuple[bytes, ...], holder: OpensslKey
) -> None:
    with service.client() as signer:
        assert hand_over(signer, waiting, pem(chain)).status_code == 303
        here, title = page_of(waiting, chain), "用您自己的密钥签名"
        wrong = signer.post(here, data={"pasted": holder.sign(b"another text").hex()})
        assert is_error(wrong, title, "请重新签名", "sign once more", "to-sign.der", 'id="hand-in"')
        nothing = signer.post(here, data={"pasted": ""})
        assert is_error(nothing, title, "没有读到签名", "no signature could be read")
    assert signed(service, waiting) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "应为一人的证书"),
        (b"no certificate", "证书无法读取"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "该文件含有私钥"),
    ],
)
def test_what_is_no_certificate_comes_back_to_the_choice(
    service: Service, waiting: Resident, content: bytes, words: str
) -> None:
    with service.client() as signer:
        answer = hand_over(signer, waiting, content)
    assert is_error(answer, "用您自己的证书签署", words, 'name="certificates"')


def test_a_leaf_without_its_issuers_is_told_that_they_are_missing(
    service: Service, waiting: Resident, chain: tuple[bytes, ...]
) -> None:
    with service.client() as signer:
        answer = hand_over(signer, waiting, chain[0])
    assert is_error(answer, "用您自己的证书签署", "证书链未指向受信任的根证书", "leads to no trusted root")


def test_another_persons_certificate_signs_nothing_here(
    service: Service, waiting: Resident, tmp_path: Path
) -> None:
    other = resident(service, "ORDER-OWN-OTHER", name="林晓芸", ready=False)
    theirs = certified(service, other, OpensslKey.made(tmp_path))
    with service.client() as signer:
        answer = hand_over(signer, waiting, pem(theirs))
        assert is_error(answer, "用您自己的证书签署", "姓名不是本合同的签署人", "names another person")
        shown = signer.get(page_of(waiting, theirs))
    assert is_error(shown, "用您自己的证书签署", "没有为该证书准备的待签内容", "begin again")


def test_a_certificate_that_ran_out_meanwhile_leads_back_to_the_choice(
    service: Service, waiting: Resident, chain: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real check at a moment two years later; the house's clock stays."""

    def later(given: Sequence[bytes], roots: Sequence[bytes], moment: datetime) -> SignerIdentity:
        return read_holder(given, roots, moment + timedelta(days=730))

    with service.client() as signer:
        assert hand_over(signer, waiting, pem(chain)).status_code == 303
        monkeypatch.setattr(own_key, "read_holder", later)
        for answer in (
            hand_over(signer, waiting, pem(chain)),
            signer.get(page_of(waiting, chain)),
            signer.post(page_of(waiting, chain), data={"pasted": "00"}),
        ):
            assert is_error(answer, "用您自己的证书签署", "证书不在有效期内", "not valid today")


def test_where_nothing_proves_the_certificate_unrevoked_the_page_says_so_and_stays(
    service: Service, waiting: Resident, chain: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    office = service.house.office
    consent_anew(service, waiting)  # what was prepared before does not stand
    with service.client() as signer:
        with monkeypatch.context() as outage:
            outage.setattr(type(office.ca), "crls_for", lambda *_: ())
            answer = hand_over(signer, waiting, pem(chain))
        assert is_error(answer, "用您自己的证书签署", "目前无法证明签署人证书有效", status=503)
        assert hand_over(signer, waiting, pem(chain)).status_code == 303


def test_a_consent_given_anew_asks_to_begin_again(
    service: Service, waiting: Resident, chain: tuple[bytes, ...], holder: OpensslKey
) -> None:
    with service.client() as signer:
        assert hand_over(signer, waiting, pem(chain)).status_code == 303
        signature = holder.sign(signer.get(f"{page_of(waiting, chain)}/to-sign.der").content)
        consent_anew(service, waiting)
        over = signer.post(page_of(waiting, chain), files={"signature": ("s", signature)})
    assert is_error(over, "用您自己的证书签署", "没有签署，请重新开始", 'id="certificate-form"')
    assert signed(service, waiting) is None


def test_a_party_with_a_seal_is_shown_no_way_and_told_why(service: Service, company: str) -> None:
    with service.client() as signer:
        for place in ("check", "code"):
            shown = signer.get(f"{company}/{place}")
            assert shown.status_code == 200
            assert "own-key" not in shown.text
        answer = signer.get(f"{company}/own-key")
    assert is_error(
        answer, "用您自己的证书签署", "须加盖印章", "use a passkey or a signing code", "改用签署码"
    )
    assert 'name="certificates"' not in answer.text


def test_before_the_consent_the_pages_lead_back(service: Service) -> None:
    who = resident(service, "ORDER-OWN-EARLY", ready=False)
    with service.client() as signer:
        for place in ("own-key", f"own-key/by/{'0' * 64}"):
            assert signer.get(f"{who.link}/{place}").headers["location"] == f"{who.link}/check"
        assert signer.get(f"{who.link}/own-key/by/{'0' * 64}/to-sign.der").status_code == 422
        assert signer.get("/s/nobody/own-key").status_code == 404


def test_where_nobody_certifies_own_keys_the_page_offers_none_and_sends_no_code(
    service: Service, waiting: Resident, chain: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under an authority elsewhere: its process answers so (``test_activation_licensed``)."""
    offered = ('id="browser-key"', "own-key/code", "TEST CA")
    assert chain, "its owner was sent a code before"
    code = service.code_of(waiting.token)
    with service.client() as signer:
        page = signer.get(f"{waiting.link}/own-key").text
        assert all(part in page for part in offered)
        assert "本浏览器" in signer.get(f"{waiting.link}/check").text
        monkeypatch.setattr(HttpActivation, "certifies_own_keys", False)
        page = signer.get(f"{waiting.link}/own-key").text
        assert not [part for part in offered if part in page]
        assert "不为您自行保管的密钥签发证书" in page
        assert "certifies no key that you keep yourself" in page
        assert 'name="certificates"' in page
        assert "本浏览器" not in signer.get(f"{waiting.link}/check").text
        refused = signer.post(f"{waiting.link}/own-key/code")
    assert is_error(refused, "用您自己的证书签署", "请改用通行密钥或签署码", "a passkey or a code", "/code")
    assert service.code_of(waiting.token) == code
