"""Every cause of a diagnosis and every step of the learning cycle has its sentence and its advice."""

from bms.core import diagnosis, relearn
from bms.services import texts


def test_every_cause_is_explained():
    for row in diagnosis.ROWS:
        what, advice = texts.find("diagnosis", row[diagnosis.CAUSE])
        assert what
        assert advice.endswith("."), row


def test_every_step_of_the_learning_cycle_is_explained():
    for name in relearn.STEPS:
        what, advice = texts.find("relearn", name)
        assert what
        assert advice.endswith("."), name
