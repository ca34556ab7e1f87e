"""``python -m api`` is ``contracts-chain``."""

from api.cli import main

main()
