"""Rule packs: what a contract must satisfy, with source and confidence of every rule."""
