"""On the emulated chip, runs what main.py has built, and tells now and then how late the latest cycle was."""

TOLD_S = 2


def run(loop):
    findings = loop.p.findings
    hal = loop.p.hal
    late = findings.late
    collect = hal.collect
    worst = [0]

    def watching(by_ms):
        worst[0] = max(worst[0], by_ms)
        late(by_ms)

    def telling():
        collect()
        console = loop.p.console
        if loop.uptime_s % TOLD_S == 0 and not console.busy and not console.out.used:
            print("\nlate:", worst[0])
            worst[0] = 0

    findings.late = watching
    hal.collect = telling
    loop.run()
