"""Alembic environment and versions; shipped inside the package so that ``migrate`` needs no checkout."""
