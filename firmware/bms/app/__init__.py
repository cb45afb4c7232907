"""The running firmware: wired once, it reads, decides, acts, verifies, reports and feeds the watchdog."""
