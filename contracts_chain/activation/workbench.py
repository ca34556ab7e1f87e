"""What enrolment and the taking of wills share: store, people, codes of this run, phone, clock."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts_chain.activation.code_sending import CodeSending
from contracts_chain.activation.codes import OutstandingCodes
from contracts_chain.activation.configuration import ActivationConfiguration
from contracts_chain.activation.person import Person
from contracts_chain.activation.register import Register
from contracts_chain.activation.sms_gateway import SmsGateway
from contracts_chain.activation.vault import Vault
from kernel.clock import Clock

__all__ = ["Workbench"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """One run of the desk.

    Attributes:
        begun_step: RFC 6238 time step in which the run began; digits of no earlier one are taken.
    """

    vault: Vault
    register: Register
    codes: OutstandingCodes
    sending: CodeSending
    sms: SmsGateway
    configuration: ActivationConfiguration
    clock: Clock
    begun_step: int

    def keep(self, person: Person) -> None:
        """Durable on return."""
        self.vault.put([self.register.entry(person)])

    def counted(self, person: Person) -> Person:
        """The person with one more wrong try, kept before the try is judged: no crash gives it back."""
        tried = replace(person, wrong_tries=person.wrong_tries + 1)
        self.keep(tried)
        return tried

    @staticmethod
    def forgiven(person: Person) -> Person:
        """The person after a counted try that was right after all."""
        return replace(person, wrong_tries=person.wrong_tries - 1)
