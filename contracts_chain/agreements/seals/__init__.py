"""Seals of organisations: what they are, who keeps them, what they may be used for, every use numbered."""
