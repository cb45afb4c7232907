"""The fault-injection campaign: breaks everything in every situation, and judges by physics alone."""
