"""The contract classes: terms, text, tables, wording and rules of each, in one place."""
