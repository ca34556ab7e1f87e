"""Who may speak HTTP to others, and through what: one client bounds the whole exchange."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("kernel", "contracts_chain", "signing", "pdfgen", "solidity", "api", "devnet")
CLIENTS = {"httpx", "urllib.request", "requests", "aiohttp"}
ALLOWED = {
    "signing/http_exchange.py": {"httpx"},
    "api/http_witnesses.py": {"httpx"},  # many at once over kept connections; its own deadline
    "api/audit_http_log.py": {"httpx"},  # thousands of tiles over one kept connection
    "api/trial_people.py": {"httpx"},  # plays the people of a trial
    "contracts_chain/ledger/web3_endpoint.py": {"requests"},  # web3's own client
    "contracts_chain/ledger/web3_follow.py": {"requests"},
    "api/identity_sandbox_app.py": {"urllib.request"},  # plays somebody else
}


def _imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    plain = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return (plain | named) & CLIENTS


def test_only_the_named_modules_use_an_http_client_of_a_library() -> None:
    modules = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    found = {str(path.relative_to(ROOT)): _imported(path) for path in modules}
    assert {path: names for path, names in found.items() if names} == ALLOWED
