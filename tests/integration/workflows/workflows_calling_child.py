"""One run of a worker's callbacks as a process of its own, so that SIGKILL can end it within a call."""

from __future__ import annotations

import sys
from functools import partial
from types import SimpleNamespace

from api.callback_places import CallbackPlaces
from api.callback_signature import CallbackSecrets
from api.http_callbacks import HttpCallbacks
from contracts_chain.storage.engine import open_engine
from contracts_chain.storage.unit_of_work import SqlUnitOfWork
from contracts_chain.workflows.call_back import deliver_callbacks
from kernel.clock import SystemClock

SECRETS = CallbackSecrets(bytes(32))
PLACES = CallbackPlaces.of([], trial=True)

if __name__ == "__main__":
    engine = open_engine(sys.argv[1])
    office = SimpleNamespace(clock=SystemClock(), work=partial(SqlUnitOfWork, engine))
    print(deliver_callbacks(office, HttpCallbacks(SECRETS, PLACES, seconds=60)))  # type: ignore[arg-type]
