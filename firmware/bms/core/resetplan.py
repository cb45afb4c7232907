"""What each reset does to each piece of state that the firmware has: one table, carried out row by row.

Reset advice is muddled because nobody says what a reset leaves alone. Here every piece of state has a row,
and a test walks the rows against the running firmware: a part that keeps something and has no row fails it.
"""

from micropython import const

# What happens to a piece: a letter of its row.
KEEP = const(".")
CLEAR = const("c")  # gone
RESTART = const("r")  # begins as after a power-up
ANCHOR = const("a")  # taken from a rested voltage, or kept and called unsure
DOUBT = const("u")  # kept, and believed a little less
FORGET = const("f")  # learned anew from what comes
ZERO = const("z")  # measured anew, with everything open and no current drawn
PROGRAM = const("p")  # written, read back and proven anew
DEFAULTS = const("d")  # of the chosen chemistry

# piece, the part that holds it (see app/parts), effect by level of `core.reset`.
TABLE = (
    ("parameters", "settings", "....d"),
    ("staged parameters", "settings", "c...c"),
    ("faults that end by themselves", "protect", "rrrrr"),
    ("faults that wait for a release", "protect", ".rrrr"),
    ("lockouts whose cause is gone", "protect", ".cccc"),
    ("permanent faults whose cause is gone", "protect", "....c"),
    ("commissioning", "arming", "....c"),
    ("power path", "path", "rrrrr"),
    ("contactors", "switch", "r...."),
    ("limits", "limits", "rrrrr"),
    ("readings", "snap", "rrrrr"),
    ("readings before", "plausible", "rrrrr"),
    ("timers of read-backs", "findings", "r...."),
    ("balancing", "balancer", "rrrrr"),
    ("AFE configuration", "keeper", "p.ppp"),
    ("charge", "soc", "uaaaa"),
    ("charge on display", "shown", "r...."),
    ("current zero", "soc", "..z.z"),
    ("resistance of the cells", "health", "..fff"),
    ("capacity and health", "health", "...ff"),
    ("learning cycle", "doctor", "...rc"),
    ("service needed", "doctor", "..c.c"),
    ("evidence", "doctor", "..c.c"),
    ("pending codes", "archive", ".cccc"),
    ("confirmed codes", "archive", "..c.c"),
    ("freeze frames", "archive", "..c.c"),
    ("lifetime history", "archive", "....."),
    ("operating time", "remembered", "....."),
    ("resets done and refused", "remembered", "....."),
    ("journal", "journal", "....."),
    ("latest events", "history", "c...."),
    ("gesture", "panel", "r...."),
    ("time without a stir", "idle", "rrrrr"),  # a finger or a word has asked for it: both stir
    ("unlocked time", "access", "c...c"),
    ("PIN and wrong tries", "access", "....."),  # whose pack it is: factory keeps identity
    ("console line", "console", "r...."),
    ("loaded commands", "desk", "r...."),
    ("zero being found", "resetter", "r...."),
    ("mode and cycle", "loop", "r...."),
    ("events not written yet", "reporter", "r...."),
)
PIECE, PART, EFFECTS = range(3)
