"""Battery management firmware: what runs on the microcontroller between the cells and the world.

On a chip its modules lie in one file, which is looked through here as if it were a folder: littlefs takes
ten milliseconds to find one module among a hundred files, and a start needs most of them. Where they are
sources, nothing of this happens.
"""

__version__ = "0.1.0"

if __file__.endswith("mpy"):
    from array import array
    from binascii import crc32

    import vfs  # type: ignore[import-not-found]

    _KEY = 0x3FFFFFFF
    _MISSING = 2  # ENOENT
    _IS_FOLDER = (0x4000, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    _IS_FILE = (0x8000, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    _FOLDER = __file__.rsplit("/", 1)[0]
    _NAME = _FOLDER + "/modules.bin"

    class Modules:
        """The file of modules as MicroPython's importer wants a file system."""

        def __init__(self) -> None:
            self._at = {}
            with open(_NAME, "rb") as file:
                table = array("I", file.read(4))
                table = array("I", file.read(8 * table[0]))
            for i in range(0, len(table), 2):
                self._at[table[i]] = table[i + 1]

        def mount(self, readonly: bool, mkfs: bool) -> None:
            """Nothing to prepare."""

        def umount(self) -> None:
            """Nothing to put away."""

        def stat(self, path: str) -> "tuple[int, ...]":
            """Whether there is such a module, or package."""
            at = self._at.get(crc32(path.encode()) & _KEY)
            if at is None:
                raise OSError(_MISSING)
            return _IS_FILE if at else _IS_FOLDER

        def open(self, path: str, mode: str) -> object:
            """A module, which its loader reads no further than to its end; anything else lies beside them."""
            at = self._at.get(crc32(path.encode()) & _KEY)
            if at is None:
                return open(_FOLDER + path, mode)
            file = open(_NAME, mode)  # noqa: SIM115 - the importer closes it
            file.seek(at)
            return file

    try:
        vfs.mount(Modules(), "/bms.modules")
        __path__ = "/bms.modules"  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    except OSError:
        pass
