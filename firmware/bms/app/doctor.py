"""Evidence for a diagnosis, the learning cycle, and whether the pack needs service: one memory for all three.

None of it protects anything. It listens to what happens and counts; who asks is answered by `care`.
"""

from micropython import const

from bms.core import evidence as e
from bms.core import faults as f
from bms.core import path, protection
from bms.core import snapshot as s
from bms.core.evidence import Evidence
from bms.core.relearn import DONE, STEPS, Relearn
from bms.core.service import Service
from bms.services import storage, texts
from bms.services.wear import Allowance

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts
    from bms.ports import Fields, Row, Values

_NAME = "care"
_EVERY_S = const(1800)  # counts that nobody waits for
_RETRY_S = const(60)
_LET_IN_S = const(60)  # a charge that goes on for so long has been let in
_C_PER_AH = const(3600)

# Where the cell is, for rows whose figure is one cell's.
_CELL_AT = (
    (s.CELL_MAX_MV, "cell_max_at"),
    (s.SOUND_MAX_MV, "cell_max_at"),
    (s.CELL_MIN_MV, "cell_min_at"),
    (s.SOUND_MIN_MV, "cell_min_at"),
    (s.JUMP_MV, "jump_at"),
    (s.TAP_MV, "tap_at"),
    (s.FROZEN_MV, "frozen_at"),
)


class Doctor:
    """Evidence, service rules and learning cycle of the running pack, and their record."""

    def __init__(self, parts: "Parts", cells: int) -> None:
        self.p = parts
        self.evidence = Evidence()
        self.service = Service()
        self.relearn = Relearn(cells)
        self._record = storage.Record(parts.hal.files, _NAME)
        self._budget = Allowance(_NAME)
        kept = self._record.load() or {}
        self.evidence.take_up(kept.get("evidence"))
        self.service.take_up(kept.get("service"))
        self.relearn.take_up(kept.get("relearn"))
        hurt = self._record.found in (storage.ONE_COPY, storage.LOST, storage.NEWER)
        self.reason = self._record.reason if hurt else ""  # what was wrong with the record, in words
        self._urgent = bool(self._record.damage)
        self._written_s = 0
        self._not_before_s = 0
        self._charging_s = 0
        self._anchors = self._tops = 0  # of the charge counter, when last looked at ...
        self._permille = self._sigma = 0  # ... what it said then, and how sure it was
        self._swings = 0  # that had taught the capacity
        self._step = self.relearn.step  # of the learning cycle, when last told
        self._natural_mah = self.relearn.natural_mah
        self._before = (0, 0, 0)  # capacity, resistance and spread before they were forgotten
        self._learned = kept.get("learned")  # all of that, while a learning cycle may be broken off
        self._needed = self.service.needed

    def configure(self, values: "Values") -> None:
        """Take what is cold, hot, empty and at rest from a checked set of parameters."""
        self.evidence.configure(values)
        self.relearn.configure(values)

    def second(self, now_s: int) -> None:
        """Once a second, on a valid snapshot."""
        p = self.p
        snap = p.snap
        refused = self.evidence.values[e.CHARGES_REFUSED]
        self.evidence.second(now_s, snap, p.protect.blocks, p.soc.permille)
        if self.evidence.values[e.CHARGES_REFUSED] > refused:
            self.service.charge(False)
        self._charging_s = self._charging_s + 1 if snap.charging else 0
        if self._charging_s == _LET_IN_S:
            self.service.charge(True)
        ah = p.archive.life.ah
        moved_c = (ah[0] - ah[2]) * _C_PER_AH + ah[1] - ah[3]
        self.relearn.second(snap, self._looked_at_charge(), moved_c, now_s)
        if p.health.capacity.swings != self._swings:
            self._swings = p.health.capacity.swings
            self.service.measured(int(p.soc.capacity_c / 3.6), now_s)
            self._urgent = True
        if self.relearn.changed:
            self.relearn.changed = False
            self._urgent = True
            self._follow_relearn()
        if self.service.needed != self._needed:
            self._needed = self.service.needed
            self._urgent = True

    def _follow_relearn(self) -> None:
        """The learning cycle has come further, or the pack has gone through one by itself."""
        p = self.p
        learn = self.relearn
        if learn.step != self._step:
            self._step = learn.step
            if learn.step == DONE:
                self._learned = None
                self._teach()
            what, advice = (texts.field("relearn", STEPS[learn.step], k) for k in range(2))
            p.reporter.tell("learning cycle", f"{what}. {advice}")
        elif learn.natural_mah != self._natural_mah:
            p.reporter.tell(
                "learning cycle", f"a full charge and discharge was seen: {learn.natural_mah} mAh"
            )
        self._natural_mah = learn.natural_mah

    def _teach(self) -> None:
        """The cycle has measured the capacity: it counts unless the pack has done that better by itself."""
        health, soc = self.p.health, self.p.soc
        mah, sigma = self.relearn.taught()
        if sigma < health.capacity.sigma:
            health.capacity.take(mah * 3.6 / soc.stated_c, sigma, health.capacity.swings + 1)
            soc.use_capacity(health.capacity.share)
            health.changed = True

    def _looked_at_charge(self) -> bool:
        """Whether the pack was just seen to be full; what that moved beyond all doubt is evidence."""
        soc = self.p.soc
        full = soc.anchors != self._anchors
        if soc.tops != self._tops and abs(soc.permille - self._permille) > 2 * self._sigma:
            self.evidence.corrected(soc.permille - self._permille)
        self._anchors = soc.anchors
        self._tops = soc.tops
        self._permille = soc.permille
        self._sigma = soc.sigma_permille
        return full

    def tripped(self, row: "Row") -> None:
        """A row of the fault table has just tripped."""
        cell = 0
        for source, name in _CELL_AT:
            if source == row[f.SOURCE]:
                cell = getattr(self.p.snap, name) + 1
        if self.evidence.tripped(row[f.MNEMONIC], cell):
            self._urgent = True
        self.service.tripped(row[f.MNEMONIC], self.p.reporter.operating_s)

    def entered(self, mode: int) -> None:
        """The path has changed its mode."""
        if mode == path.LIMP_HOME:
            self.service.limped(self.p.reporter.operating_s)

    def soft_reset(self, cleared: "list[str]") -> None:
        """A soft reset has ended these faults."""
        self.service.soft_reset(self.p.reporter.operating_s, cleared)
        self._urgent = True

    def serviced(self) -> None:
        """A hard reset: what asked for service belongs to the pack as it was before."""
        self.service.clear()
        self._urgent = True

    def service_reasons(self) -> "list[str]":
        """Why the pack needs service; empty if it does not."""
        return self.service.reasons(self.p.protect.worst == protection.PERMANENT)

    def note_before(self) -> None:
        """What is known is about to be forgotten: a learning cycle is compared with it, or gives it back."""
        if self.relearn.active and self._learned:
            return  # it begins anew, and what it has learned so far is not what was known
        health = self.p.health
        self._learned = health.kept()
        row = health.resistance.ten_s
        uohm = int(sum(row) / len(row)) if health.resistance.late_steps else 0
        off = health.spread.off
        self._before = (self.p.soc.capacity_c * 5 // 18, uohm, int(max(off) - min(off)))

    def begin_or_abort(self) -> None:
        """`reset relearn` begins the learning cycle, `reset factory` ends it."""
        if self.p.settings.values:
            self.relearn.begin(*self._before)

    def abort_relearn(self) -> None:
        """Break it off: unless it has measured something by now, the pack knows again what it knew."""
        health, rest = self.p.health, self.p.soc.rest
        if self.relearn.active and not health.capacity.swings:
            age_s, offset_ma = health.age_s, rest.offset_ma
            health.restore(self._learned)
            health.age_s, rest.offset_ma = age_s, offset_ma
            health.changed = True
        self._learned = None
        self.relearn.abort()

    def step(self, now_s: int) -> bool:
        """Write the record if it is due; True if it changed the flash."""
        due = self._urgent or now_s - self._written_s >= _EVERY_S
        if not due or now_s < self._not_before_s:
            return False
        if not self._budget.take(now_s, self._urgent):
            return False
        self._not_before_s = now_s + _RETRY_S
        fields: "Fields" = {
            "evidence": self.evidence.to_keep(),
            "service": self.service.to_keep(),
            "relearn": self.relearn.to_keep(),
        }
        if self._learned:
            fields["learned"] = self._learned
        try:
            self._record.save(fields)
        except OSError as error:
            self.p.reporter.tell(
                "storage", f"what the doctor noted could not be written: {storage.explain(error)}"
            )
        else:
            self._urgent = False
            self._written_s = now_s
            self._not_before_s = 0
        return True
