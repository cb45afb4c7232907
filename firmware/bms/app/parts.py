"""The parts of one running firmware, by name: filled once by `compose` and `waking`, then only read."""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.access import Access
    from bms.app.archive import Archive
    from bms.app.arming import Arming
    from bms.app.commands import Api
    from bms.app.desk import Desk
    from bms.app.doctor import Doctor
    from bms.app.findings import Findings
    from bms.app.keeper import Keeper
    from bms.app.loop import Loop
    from bms.app.panel import Panel
    from bms.app.remembered import Remembered
    from bms.app.reporter import Reporter
    from bms.app.resetter import Resetter
    from bms.app.rota import Rota
    from bms.app.settings import Settings
    from bms.app.switch import Switch
    from bms.core.balance import Balancer
    from bms.core.health import Health
    from bms.core.idle import Idle
    from bms.core.limits import Limits
    from bms.core.path import PowerPath
    from bms.core.plausible import Plausibility
    from bms.core.protection import Protection
    from bms.core.shown import Shown
    from bms.core.snapshot import Snapshot
    from bms.core.soc import ChargeCounter
    from bms.ports import Hal
    from bms.services.console import Console
    from bms.services.history import History
    from bms.services.journal import Journal


class Parts:
    """Everything that runs. Types only: the values are set by `compose.begin` and `waking`."""

    hal: "Hal"
    settings: "Settings"
    remembered: "Remembered"
    history: "History"
    journal: "Journal"
    archive: "Archive"
    doctor: "Doctor"
    snap: "Snapshot"
    plausible: "Plausibility"
    keeper: "Keeper"
    switch: "Switch"
    findings: "Findings"
    protect: "Protection"
    path: "PowerPath"
    limits: "Limits"
    soc: "ChargeCounter"
    shown: "Shown"
    health: "Health"
    balancer: "Balancer"
    idle: "Idle"  # whether there is anything to save current on
    resetter: "Resetter"
    rota: "Rota"  # of what is due once a second
    arming: "Arming"
    reporter: "Reporter"
    panel: "Panel"
    access: "Access"
    desk: "Desk"
    api: "Api"  # while the desk is loaded
    console: "Console"
    loop: "Loop"
    cause: str  # why the controller started: "power", "watchdog" or "request"
    away_s: int  # how long the front end has been without it, as far as that is known
    silent_ms: int
    precharge: bool  # a resistor comes before the discharge switch
