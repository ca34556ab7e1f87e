"""What the doctor says of the activation process: how far it stands apart, whose configuration it keeps."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from activation_people import Vouchers

from api.activation_launch import ActivationProcess
from api.settings import Settings
from api.upkeep import examine
from contracts_chain.activation.configuration import ActivationConfiguration


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def told(settings: Settings) -> dict[str, object]:
    return {str(one["name"]): one for one in examine(settings)}["activation"]  # type: ignore[return-value]


def told_while_running(settings: Settings, founding: ActivationConfiguration) -> dict[str, object]:
    process = ActivationProcess(settings.data_dir / "activation", founding)
    process.begin()
    try:
        process.ready()
        return told(settings)
    finally:
        process.stop()


def test_the_doctor_tells_how_far_the_process_stands_apart_and_starts_none(settings: Settings) -> None:
    assert "unknown until serve runs" in str(told(settings)["found"])
    found = told_while_running(settings, Vouchers().configuration())
    warned = "WARNING" in str(found["found"]) and "警告" in str(found["found"])
    assert found["ok"] is True
    assert warned == (os.geteuid() != 0)
    after = told(settings)
    assert (after["ok"], "unknown until serve runs" in str(after["found"])) == (True, True)


def test_the_doctor_finds_a_process_that_keeps_to_another_configuration(settings: Settings) -> None:
    own = Vouchers().configuration()
    assert told_while_running(settings, own)["ok"] is True
    found = told_while_running(settings, replace(own, rp_name="另一家供电公司"))
    assert (found["ok"], found["code"]) == (False, "activation_configuration_differs")
    for sentence in ("zh", "en"):
        assert "rp_name" in str(found[sentence])
        assert "contracts-chain activation-set" in str(found[sentence])
