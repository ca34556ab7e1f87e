"""A house whose servers go on while services beside it begin a deed and are killed after its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from workflows_desk import reloaded, trail_words
from workflows_killed_child_lives import Lives

from api.house import House
from contracts_chain.workflows.domestic import kept_ses
from contracts_chain.workflows.fsck import check_everything
from contracts_chain.workflows.office import Office

__all__ = ["Beside", "settled", "standing"]

MOST_KILLS = 120


@dataclass(frozen=True)
class Beside:
    """A house whose servers go on while services beside it are killed."""

    house: House
    lives: Lives

    @property
    def office(self) -> Office:
        return self.house.office

    def is_killed(self, deed: str, step: int, *, refused: str = "", **told: str) -> bool:
        """Let a service begin a deed and die after a step; false if it ran to its end before.

        ``refused``: what one is told who asks for what was done already, and is told nothing else.
        """
        provider = self.house.signing.identity._where()
        life = self.lives.life(
            deed=deed,
            step=str(step),
            data_dir=str(self.house.settings.data_dir),
            database_url=self.house.database_url,
            chain_rpc_url=self.house.rpc_url,
            identity_provider_name=provider.name,
            identity_provider_url=provider.url,
            identity_provider_key=provider.public_key.hex(),
            **told,
        )
        assert life.was_killed or (life.code, life.said) == (0, refused), (life.said, life.complaints)
        return life.was_killed

    def killed_throughout(
        self, deed: str, progress: Callable[[], object], *, refused: str = "", **told: str
    ) -> int:
        """Kill a deed after each step that it still has, until one runs to its end; how often it was killed.

        After a step that got it further, what remains is begun anew and killed after its first step.
        """
        kills, step, standing = 0, 1, progress()
        while self.is_killed(deed, step, refused=refused, **told):
            kills, now = kills + 1, progress()
            assert kills < MOST_KILLS, f"{deed} never ends"
            step, standing = (step + 1 if now == standing else 1), now
        return kills


def standing(office: Office, number: str) -> object:
    """How far an agreement has come; what a mere attempt changes is left out."""
    dossier = reloaded(office, number)
    with office.work() as work:
        ceremonies = [(one.id, one.state) for one in work.ceremonies.of_agreement(number)]
        pending = {one.key for one in work.intents.pending() if one.subject == number}
        seals = kept_ses(work, office.blobs, number)
    return dossier.current_sha256, dossier.state, trail_words(office, number), ceremonies, pending, seals


def settled(office: Office, number: str) -> None:
    """No intent waits, and the whole installation is sound."""
    with office.work() as work:
        assert [one.key for one in work.intents.pending() if one.subject == number] == []
    assert [one.en for one in check_everything(office).findings if number in one.en] == []
