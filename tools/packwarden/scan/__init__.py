"""The workshop's view of a pack: all that it can tell, on the screen and as one page to send."""
