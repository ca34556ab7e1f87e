"""What every ``Vault`` does."""

from __future__ import annotations

from contracts_chain.activation.vault import Book, Entry, Vault

__all__ = ["VaultBehaviour"]


class VaultBehaviour:
    """Mixed into a test class that has a fixture ``vault``."""

    def test_what_was_never_put_is_not_there(self, vault: Vault) -> None:
        assert vault.get(Book.PEOPLE, "nobody") is None

    def test_a_value_comes_back_and_a_newer_one_replaces_it(self, vault: Vault) -> None:
        for value in (b"first", b"second", b""):
            vault.put([Entry(book=Book.PEOPLE, key="one", value=value)])
            assert vault.get(Book.PEOPLE, "one") == value

    def test_a_value_is_taken_away_with_what_is_put_beside_it(self, vault: Vault) -> None:
        vault.put([Entry(book=Book.SETTLED, key="one", value=b"first")])
        away = Entry(book=Book.SETTLED, key="one", value=None)
        vault.put([away, Entry(book=Book.SETTLED, key="two", value=b"second")])
        assert (vault.get(Book.SETTLED, "one"), vault.get(Book.SETTLED, "two")) == (None, b"second")
        vault.put([away])

    def test_books_are_apart(self, vault: Vault) -> None:
        vault.put(
            [
                Entry(book=Book.PEOPLE, key="same", value=b"person"),
                Entry(book=Book.RELEASES, key="same", value=b"release"),
            ]
        )
        assert (vault.get(Book.PEOPLE, "same"), vault.get(Book.RELEASES, "same")) == (b"person", b"release")
        assert vault.get(Book.MADE, "same") is None

    def test_keys_may_be_long_and_chinese(self, vault: Vault) -> None:
        key = "合同" * 400
        vault.put([Entry(book=Book.MADE, key=key, value=bytes(100_000))])
        assert vault.get(Book.MADE, key) == bytes(100_000)
