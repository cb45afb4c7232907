"""What a controller's pins can do, whether a board asks that of them, and a drawing of how to wire it.

`chips` and `modules` are the tables, from the data sheets; `roles` is what a board file may ask for; `check`
holds one against the other, and `drawing` shows both.
"""
