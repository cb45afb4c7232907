"""Proves that a call allocates nothing: with the heap locked, any allocation raises MemoryError.

On CPython the lock does nothing, so such tests belong in upy/vm/, which only MicroPython runs. Call the
function once before, where its first call may grow a table.
"""

import micropython


def no_alloc(call, a=None, b=None, c=None):
    """The result of a call with up to three arguments (a starred call would allocate itself)."""
    arguments = 3 if c is not None else 2 if b is not None else 1 if a is not None else 0
    result = None
    failed = None
    micropython.heap_lock()
    try:
        if arguments == 0:
            result = call()
        elif arguments == 1:
            result = call(a)
        elif arguments == 2:
            result = call(a, b)
        else:
            result = call(a, b, c)
    except MemoryError as error:
        failed = error
    finally:
        micropython.heap_unlock()
    if failed is not None:
        raise AssertionError("%s allocates: %s" % (call, failed))
    return result
