"""Loads one test file and runs its tests one by one, on MicroPython, where there is no pytest.

MicroPython's own command line ends with 0 whatever happened, so nothing here relies on an exit status: every
test is answered for by name, and the caller compares the names with those that the source defines. A test
that yields is resumed step by step, which lets the caller collect garbage in between.
"""

import io
import json
import sys

_PREFIX = "test_"
_running = None
_tests = {}


def traceback(error):
    text = io.StringIO()
    sys.print_exception(error, text)
    return text.getvalue()


def load(path):
    """Execute a test file; {names} that it defines, or the {error} that it raised."""
    global _tests
    namespace = {"__name__": path.rsplit("/", 1)[-1][:-3], "__file__": path}
    try:
        with open(path) as source:
            code = compile(source.read(), path, "exec")
        exec(code, namespace)
    except BaseException as error:
        return {"error": traceback(error)}
    _tests = {name: item for name, item in namespace.items() if name.startswith(_PREFIX) and callable(item)}
    return {"names": sorted(_tests), "error": None}


def start(name):
    """Run a test; {error} is None when it passed, {more} says that it yielded and wants to be resumed."""
    global _running
    if name not in _tests:
        return {"error": name + " is not there after its file was run\n", "more": False}
    try:
        _running = _tests[name]()
    except BaseException as error:
        return {"error": traceback(error), "more": False}
    return resume() if hasattr(_running, "send") else {"error": None, "more": False}


def resume():
    """Run the test that yielded up to its next yield."""
    try:
        next(_running)
    except StopIteration:
        return {"error": None, "more": False}
    except BaseException as error:
        return {"error": traceback(error), "more": False}
    return {"error": None, "more": True}


def main(path, names):
    """The same from a command line: one JSON object on the last line of the output."""
    found = load(path)
    results = {}
    for name in names if found["error"] is None else ():
        answer = start(name)
        while answer["more"]:
            answer = resume()
        results[name] = answer["error"]
    print()
    print(json.dumps({"results": results, "found": found.get("names", []), "load_error": found["error"]}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
