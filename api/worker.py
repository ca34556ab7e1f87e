"""Background work: anchoring, delivery, and the sweep that takes up what a crash left (DESIGN decision 2).

Jobs are procrastinate's, in the same PostgreSQL; the domain tables stay the truth. Every
job may run twice, late, or in several worker processes at once: each asks the domain what
is due and does that. A job that fails is simply due again at the next tick; one whose
worker was killed holds its lock until the worker's heartbeat is ten seconds old.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from api.app import desk_of
from api.database_alone import libpq_url
from api.group_worker import carry_sets_on
from api.house import House, open_house
from api.http_callbacks import HttpCallbacks
from api.process_drawers import ProcessDrawers
from api.routes.desk import Desk
from api.settings import Settings
from contracts_chain.workflows.anchor import advance_anchors, close_when_due
from contracts_chain.workflows.call_back import deliver_callbacks
from contracts_chain.workflows.cross_anchor import cross_anchor_when_due
from contracts_chain.workflows.deliver import deliver_outbox
from contracts_chain.workflows.expire import expire_when_due, remind_of_expiry
from contracts_chain.workflows.finish_confirmed import Unreleased, finish_confirmed
from contracts_chain.workflows.lapse import lapse_overdue
from contracts_chain.workflows.process_events import tell_events
from contracts_chain.workflows.rating import invite_ratings
from contracts_chain.workflows.readiness import announce_ready
from contracts_chain.workflows.reconcile import reconcile
from contracts_chain.workflows.remind import remind_signers
from contracts_chain.workflows.renew import renew_when_due
from contracts_chain.workflows.renew_archive import renew_soon
from contracts_chain.workflows.settle import settle_changes
from contracts_chain.workflows.settle_identity import sweep_checks
from contracts_chain.workflows.upgrade_timestamps import upgrade_pending
from kernel.errors import ContractsChainError, UndecidedError

__all__ = ["BackgroundWorker", "anchor_what_is_due", "jobs_of", "work_forever"]

_LOG = logging.getLogger("contracts_chain.worker")
_EVERY_SECOND = "* * * * * *"
_EVERY_FIVE_SECONDS = "* * * * * */5"
_EVERY_MINUTE = "* * * * *"
_RESTART_SECONDS = 2.0
_JOBS_AT_ONCE = 4
"""One may wait for slow receivers of callbacks while the others go on."""
_GRACE_SECONDS = 20.0
_TURN = 1.0
_HEARTBEAT_SECONDS = 2.0
_DEAD_AFTER_SECONDS = 10.0


def anchor_what_is_due(desk: Desk) -> bool:
    """Finish what is under way, then close a checkpoint if a batch is full, old or awaited.

    Any number of workers may try: what is due is read from the store alone.

    Returns:
        True when every closed checkpoint is final.
    """
    office, settings = desk.office, desk.house.settings
    while advance_anchors(office):
        if close_when_due(office, most=settings.anchor_batch_leaves, age=settings.anchor_age) is None:
            return True
    return False


def jobs_of(desk: Desk, drawers: ProcessDrawers, go_on: Callable[[], bool]) -> App:
    """The procrastinate application with every periodic job; not opened yet.

    Args:
        desk: The installation.
        drawers: Renderers for sets of contracts.
        go_on: False once the worker is to stop; long jobs ask between two portions.
    """
    connector = PsycopgConnector(conninfo=libpq_url(desk.house.database_url), min_size=1, max_size=4)
    app = App(connector=connector)
    house, settings = desk.house, desk.house.settings
    _periodic(app, "anchor", _EVERY_SECOND, lambda: anchor_what_is_due(desk))
    _periodic(app, "deliver", _EVERY_FIVE_SECONDS, lambda: deliver_outbox(desk.office, desk.sms))
    _periodic(app, "group_sets", _EVERY_SECOND, lambda: carry_sets_on(desk, drawers, go_on))
    unreleased = Unreleased()
    _periodic(
        app,
        "finish_confirmed",
        _EVERY_MINUTE,
        lambda: finish_confirmed(desk.office, unreleased=unreleased),
    )
    _periodic(app, "sweep_checks", _EVERY_MINUTE, lambda: sweep_checks(desk.office))
    _periodic(app, "lapse", _EVERY_MINUTE, lambda: lapse_overdue(desk.office))
    days = settings.remind_after_working_days
    _periodic(app, "remind", _EVERY_MINUTE, lambda: remind_signers(desk.office, after_working_days=days))
    _life_jobs(app, desk)
    _callback_jobs(app, desk, go_on)
    _periodic(app, "reconcile", _EVERY_MINUTE, lambda: reconcile(desk.office))
    _periodic(app, "upgrade_timestamps", _EVERY_MINUTE, lambda: upgrade_pending(desk.office))
    _periodic(app, "renew_archive", _EVERY_MINUTE, lambda: renew_soon(desk.office, settings.archive_renewal))
    _periodic(app, "renew", _EVERY_MINUTE, lambda: renew_when_due(desk.office, settings.renewal_period))
    _periodic(
        app,
        "cross_anchor",
        _EVERY_MINUTE,
        lambda: cross_anchor_when_due(desk.office, house.places, settings.cross_anchor_period),
    )

    @app.periodic(cron=_EVERY_FIVE_SECONDS)
    @app.task(name="drop_stalled", queueing_lock="drop_stalled", pass_context=False)
    async def drop_stalled(timestamp: int) -> None:
        del timestamp
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER_SECONDS):
            # every job is due again by itself; retried, it would collide with the one queued behind it
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)

    return app


def _life_jobs(app: App, desk: Desk) -> None:
    """What the calendar and finished papers do to executed agreements."""
    office, public_url = desk.office, desk.house.settings.public_url
    _periodic(app, "settle_changes", _EVERY_FIVE_SECONDS, lambda: settle_changes(office))
    _periodic(app, "announce_ready", _EVERY_FIVE_SECONDS, lambda: announce_ready(office))
    _periodic(app, "expire", _EVERY_MINUTE, lambda: expire_when_due(office))
    _periodic(app, "remind_of_expiry", _EVERY_MINUTE, lambda: remind_of_expiry(office))
    _periodic(app, "invite_ratings", _EVERY_MINUTE, lambda: invite_ratings(office, public_url))


def _callback_jobs(app: App, desk: Desk, go_on: Callable[[], bool]) -> None:
    """What other systems are told."""
    office, house = desk.office, desk.house
    caller = HttpCallbacks(house.callback_secrets, house.settings.callback_places)
    _periodic(app, "tell_events", _EVERY_SECOND, lambda: tell_events(office))
    _periodic(app, "deliver_callbacks", _EVERY_SECOND, lambda: deliver_callbacks(office, caller, go_on=go_on))


def _periodic(app: App, name: str, cron: str, act: Callable[[], object]) -> None:
    @app.periodic(cron=cron)
    @app.task(name=name, queueing_lock=name, lock=name)
    def job(timestamp: int) -> None:
        del timestamp
        _attempt(name, act)


def _attempt(name: str, act: Callable[[], object]) -> None:
    try:
        act()
    except UndecidedError as problem:
        _LOG.info("%s waits: %s", name, problem.code)
    except ContractsChainError as problem:
        _LOG.error("%s failed: %s %s", name, problem.code, problem.en)


class BackgroundWorker:
    """The worker of one process, in a thread with an event loop of its own."""

    def __init__(self, house: House) -> None:
        """Start nothing yet."""
        self._desk = desk_of(house)
        self._drawers = ProcessDrawers()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the job under way finish, then end."""
        self._stopping.set()
        loop, task = self._loop, self._task
        if loop is not None and task is not None:
            with contextlib.suppress(RuntimeError):  # the loop ended between the two lines
                loop.call_soon_threadsafe(task.cancel)
        self._thread.join(_GRACE_SECONDS)
        self._drawers.close()

    def wait(self, seconds: float) -> bool:
        """Wait; true when the worker is to stop."""
        return self._stopping.wait(seconds)

    def stop(self) -> None:
        """Ask it to stop; ``__exit__`` waits."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                asyncio.run(self._work())
            except (ConnectorException, OSError) as problem:
                _LOG.warning("the worker lost its database (%s); it tries again", type(problem).__name__)
                self._stopping.wait(_RESTART_SECONDS)
            except asyncio.CancelledError:
                return

    async def _work(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        if self._stopping.is_set():
            return
        app = jobs_of(self._desk, self._drawers, lambda: not self._stopping.is_set())
        async with app.open_async():
            await asyncio.to_thread(_attempt, "reconcile", lambda: reconcile(self._desk.office))
            await app.run_worker_async(
                concurrency=_JOBS_AT_ONCE,
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=_HEARTBEAT_SECONDS,
                stalled_worker_timeout=_DEAD_AFTER_SECONDS,
                shutdown_graceful_timeout=_GRACE_SECONDS / 2,
            )


def work_forever() -> int:
    """Run the jobs alone, against a configured database and chain, until SIGTERM or SIGINT."""
    with open_house(Settings()) as house, BackgroundWorker(house) as worker:

        def ask_to_stop(signal_number: int, frame: FrameType | None) -> None:
            del signal_number, frame
            worker.stop()

        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, ask_to_stop)
        while not worker.wait(_TURN):
            pass
    return 0
