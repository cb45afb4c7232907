"""Whether this pack may close its path at all: not before somebody has proven its wiring.

What is proven, and for which wiring, is one small record. Read once at the start, it leaves two numbers here;
the steps themselves, their rules and their words are loaded when somebody commissions (app/commission), and
run from here, a slice a cycle. While one of them needs a switch closed it says which: the path itself stays
in standby, and every protection has its say.
"""

from micropython import const

from bms.app import overlay
from bms.services import storage
from bms.services.wear import Allowance

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.ports import Fields

_RULES = "bms.core.commission"
MODULES = (
    "bms.core.commission bms.app.procedures bms.app.procedures_wiring bms.app.procedures_current "
    "bms.drivers.bq76952_bled bms.drivers.bq769x0_bled"
)
_AT_BOOT = const(96)  # saves: a day's worth, more than a person needs who begins anew several times


class Arming:
    """`missing`: bits of the steps that are still to be passed; the path stays open until there are none."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self.closing = 0  # the directions that a step wants closed, in standby
        self.running: "Iterator[None] | None" = None
        self.doing = ""  # the step that runs or ran last, ...
        self.told = ""  # ... and what it says
        self.asks = ""  # the same for a program: what somebody is to do, such as "thermistors 2" or "charger"
        self.failed = False
        self.figure = ""  # what somebody has told the step that runs
        self.missing = 0
        self._record = storage.Record(parts.hal.files, "commission")
        self.allowance = Allowance("commission", _AT_BOOT)
        self.kept = self._take_up()
        found = self._record.found
        hurt = found in (storage.ONE_COPY, storage.LOST, storage.NEWER)
        self.reason = self._record.reason if hurt else ""
        self._judge()

    def step(self) -> None:
        """One slice of what runs, every cycle; a switch stays closed no longer than that asks for."""
        try:
            next(self.running)  # type: ignore[arg-type]
        except StopIteration:
            self.end()

    def end(self) -> None:
        """Nothing runs any more, nothing is held closed, and nothing is bled."""
        if self.running is not None:
            self.p.keeper.balance(0)
        self.running = None
        self.closing = 0
        self.asks = ""
        self.forget()

    def forget(self) -> None:
        """What only a step needs may go, while none runs."""
        if self.running is None:
            overlay.forget(MODULES)

    def keep(self, kept: "Fields") -> str:
        """Write down what is proven now; a sentence if the flash refuses."""
        self.kept = kept
        self._judge()
        self.allowance.take(self.p.reporter.operating_s, True)  # no step begins that is not paid for
        try:
            self._record.save(kept)
        except OSError as error:
            return f"this could not be written down, and counts until a restart: {storage.explain(error)}"
        return ""

    def clear(self) -> None:
        """Nothing is proven any more: in both copies, so that nothing old comes back. OSError if refused."""
        from bms.core import commission  # noqa: PLC0415 - see `overlay`

        self.end()
        self.kept = commission.bare(bool(self.kept.get("served")))
        self.missing = commission.ALL
        for _ in range(2):
            self._record.save(self.kept)

    def needed(self) -> int:
        """The steps that this pack has to pass, as bits."""
        from bms.app import fronts  # noqa: PLC0415
        from bms.core import commission  # noqa: PLC0415

        steps = commission.required(self.p.settings.values)
        # What only measures has nothing that could bleed.
        return steps & ~(1 << commission.BLEED) if fronts.is_alone(self.p.hal.afe) else steps

    def why(self) -> str:
        """What is missing, for whoever wonders why nothing closes."""
        from bms.core import commission  # noqa: PLC0415

        steps = ", ".join(commission.names(self.missing))
        if self.running is None:
            overlay.forget(_RULES)
        return f"not commissioned: {steps} to do; 'commission' says how"

    def _take_up(self) -> "Fields":
        """What is on flash; where there is nothing, whether the pack was in service before."""
        from bms.core import commission  # noqa: PLC0415

        kept = self._record.load()
        if kept is not None:
            return kept
        values = self.p.settings.values
        kept = commission.bare()
        if self._record.found != storage.NOTHING:
            return kept
        ah = self.p.archive.life.ah
        if commission.in_service(self.p.remembered.base_s, ah[0] + ah[2]):
            if not values:  # judged again, once they are usable
                return kept
            kept = commission.vouched(values)
            self.p.reporter.note("commission", "in service before it was asked for: taken as commissioned")
        try:
            self._record.save(kept)
        except OSError:
            return kept  # then the next start decides anew
        return kept

    def _judge(self) -> None:
        from bms.core import commission  # noqa: PLC0415

        self.missing = self.needed() & ~commission.passed(self.kept, self.p.settings.values)
        if self.running is None:
            overlay.forget(_RULES)
