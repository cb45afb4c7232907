"""From the firmware's source to what a chip loads."""
