"""Fields of the dispatch variants that no rule can judge, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["DISPATCH_UNRULED", "STATION_UNRULED"]

_REGISTERED: Final = "name in the dispatcher's own register; its approval is what D-NAME-1 demands"
_SITE: Final = "describes the site as approved in the connection scheme"
_DEADLINE: Final = "a date the parties agree in words; no source fixes it"
_GATEWAY: Final = "fixed by the metering design; price and loss are the supply or purchase contract's"
_OWN_CHOICE: Final = "who calculates a station's settings is agreed; C17 fixes it for customers alone"

DISPATCH_UNRULED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "connection_mode": _SITE,
        "dispatch_name": _REGISTERED,
        "dispatch_org.name": "name of the dispatcher; which level it has is judged by D-ORG-1",
        "duty_staff[].name": "whoever holds the certificate; D-DUTY-1 judges the certificate",
        "equipment_names[].approval_no": "number the dispatcher gives; its day is judged by D-NAME-1",
        "equipment_names[].device": _SITE,
        "gateway_meters[].at_demarcation": _GATEWAY,
        "gateway_meters[].mode": _GATEWAY,
        "location": _SITE,
        "overhaul_deadlines.daily": _DEADLINE,
        "overhaul_deadlines.monthly": _DEADLINE,
        "overhaul_deadlines.yearly": _DEADLINE,
        "poc[].bay": _SITE,
        "poc[].grid_station": _SITE,
        "poc[].line": _SITE,
        "renewal": "both ways of renewing are lawful",
        "stability_devices[]": "which devices are due follows from the system study; none is 无",
        "station_name": "name that the owner gives",
        "telecom_channels[].kind": "any kind of channel will do; D-TEL-1 counts independent routes",
        "telecom_channels[].use": "any use will do; D-TEL-1 counts independent routes",
    }
)

STATION_UNRULED: Final[Mapping[str, str]] = MappingProxyType(
    {
        **DISPATCH_UNRULED,
        "plan_deadlines.daily": _DEADLINE,
        "plan_deadlines.monthly": _DEADLINE,
        "plan_deadlines.yearly": _DEADLINE,
        "purchase_contract_nos[]": "numbered by others in their own patterns; D-REL-2 asks for one",
        "relay_settings.calculator": _OWN_CHOICE,
        "relay_settings.free_of_charge": _OWN_CHOICE,
        "relay_settings.new_connection": _OWN_CHOICE,
        "units[].model": "type designation of the maker",
    }
)
