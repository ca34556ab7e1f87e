"""The owner of the database reads and rewrites every table, and still cannot sign for a customer.

It changes what it likes between two deeds of the service; the activation process has its own store
and believes neither row nor service (DESIGN decision 16).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, inspect, text
from trial_phone import fresh_code, phone_of, ready_to_sign
from trial_settings import trial_settings
from workflows_desk import ceremony_of, offered, reloaded

from api.house import House, open_house
from contracts_chain.activation.errors import DocumentChangedError, NotReleasedError
from contracts_chain.activation.port import CodeFactor
from contracts_chain.storage.engine import open_engine
from contracts_chain.workflows.acting_party import acting_party, signing_phone
from contracts_chain.workflows.ceremony_view import found
from contracts_chain.workflows.office import Office
from contracts_chain.workflows.sign import sign_slot
from contracts_chain.workflows.will import confirm_will, send_code

THEIRS = "13999999999"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own: what the owner damages here must not meet the tests of others."""
    with open_house(trial_settings(tmp_path_factory.mktemp("owned") / "house")) as running:
        yield running


@pytest.fixture(scope="module")
def owner(house: House) -> Iterator[Engine]:
    engine = open_engine(house.database_url)
    yield engine
    engine.dispose()


def everything(engine: Engine) -> set[str]:
    """Every row of every table, as text."""
    with engine.connect() as connection:
        return set(_rows(connection))


def _rows(connection: Connection) -> Iterator[str]:
    for table in inspect(connection).get_table_names():
        for (row,) in connection.execute(text(f'SELECT t::text FROM "{table}" t')):
            yield f"{table}: {row}"


def rewrite(engine: Engine, statement: str, **values: object) -> None:
    """As the tables' owner, who puts their triggers out of force."""
    table = statement.split()[1]
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        assert connection.execute(text(statement), values).rowcount >= 1
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def test_finds_no_code_in_any_table(office: Office, owner: Engine) -> None:
    token = offered(office).tokens["consumer"]
    ready_to_sign(office, token)
    before = everything(owner)
    code = fresh_code(office, token)
    added = everything(owner) - before
    assert added, "the sending of a code is on record"
    assert [row for row in added if code in row] == []


def test_cannot_declare_a_will(office: Office, owner: Engine) -> None:
    token = offered(office).tokens["consumer"]
    ready_to_sign(office, token)
    ceremony = ceremony_of(office, token)
    field = reloaded(office, ceremony.number).slots[0].field
    rewrite(owner, "UPDATE ceremonies SET state = 'confirmed' WHERE id = :id", id=ceremony.id)
    with pytest.raises(NotReleasedError):
        sign_slot(office, ceremony.number, field, actor="owner of the database")
    assert not reloaded(office, ceremony.number).slots[0].signed


def test_cannot_have_a_code_sent_to_a_phone_of_its_own(office: Office, owner: Engine) -> None:
    token = offered(office).tokens["consumer"]
    ready_to_sign(office, token)
    ceremony = ceremony_of(office, token)
    with office.work() as work:
        party = acting_party(work, found(work, token)[1], ceremony.role)
    phone = signing_phone(party)
    before = len(phone_of(office).messages(phone))
    rewrite(
        owner,
        "UPDATE agreements SET terms = convert_to(replace(convert_from(terms, 'UTF8'), :old, :new), 'UTF8') "
        "WHERE number = :number",
        old=phone,
        new=THEIRS,
        number=ceremony.number,
    )
    send_code(office, token)
    assert phone_of(office).messages(THEIRS) == ()
    assert len(phone_of(office).messages(phone)) == before + 1


def test_cannot_put_another_document_under_a_will(office: Office, owner: Engine) -> None:
    token, other = offered(office).tokens["consumer"], offered(office)
    ceremony = ceremony_of(office, token)
    ready_to_sign(office, token)
    confirm_will(office, token, CodeFactor(code=fresh_code(office, token)))
    theirs = ceremony_of(office, other.tokens["consumer"]).document_sha256
    rewrite(
        owner,
        "UPDATE agreements SET current_sha256 = :digest WHERE number = :number",
        digest=bytes(theirs),
        number=ceremony.number,
    )
    with pytest.raises(DocumentChangedError):
        sign_slot(office, ceremony.number, reloaded(office, ceremony.number).slots[0].field, actor="owner")


def test_cannot_move_a_will_to_another_contract(office: Office, owner: Engine) -> None:
    token, other = offered(office).tokens["consumer"], offered(office)
    ready_to_sign(office, token)
    confirm_will(office, token, CodeFactor(code=fresh_code(office, token)))
    mine, theirs = ceremony_of(office, token), ceremony_of(office, other.tokens["consumer"])
    rewrite(owner, "UPDATE ceremonies SET state = 'void' WHERE id = :id", id=theirs.id)
    rewrite(owner, "UPDATE ceremonies SET number = :to WHERE id = :id", to=theirs.number, id=mine.id)
    with pytest.raises(NotReleasedError):
        sign_slot(office, theirs.number, reloaded(office, theirs.number).slots[0].field, actor="owner")
