# SPDX-License-Identifier: MIT
"""Programs and symbols of the host API."""
import ctypes
from typing import Any, Dict, Optional, Tuple

from dpu import ffi
from dpu.errors import check


class DpuSymbol:
    """A place in the memory of a DPU. May be made by hand.

    Args:
        name: for people only.
        value: (tagged address, size in bytes). Tags: 0 WRAM, 0x08000000 MRAM, 0x80000000 IRAM.

    >>> DpuSymbol("buffer", (0x08000000, 1024)).size()
    1024
    """

    def __init__(self, name: str, value: Tuple[int, int]) -> None:
        self.name = name
        self._address, self._size = value

    def value(self) -> int:
        """Tagged address."""
        return self._address

    def size(self) -> int:
        """Bytes."""
        return self._size

    @property
    def c_symbol(self) -> Any:
        """The same as ``struct_dpu_symbol_t``."""
        return ffi.struct_dpu_symbol_t(self._address, self._size)

    def __repr__(self) -> str:
        return "DpuSymbol(%r, (%#x, %d))" % (self.name, self._address, self._size)


class DpuProgram:
    """A program loaded into DPUs. Valid until the set is freed or another program is loaded."""

    def __init__(self, c_program: Any) -> None:
        #: pointer to ``struct_dpu_program_t``
        self.c_program = c_program
        #: symbols asked for so far, by name
        self.symbols: Dict[str, DpuSymbol] = {}

    def get_symbol(self, name: str) -> Optional[DpuSymbol]:
        """A symbol that the host may use, or None."""
        if name not in self.symbols:
            found = ffi.struct_dpu_symbol_t()
            code = ffi.dpu_get_symbol(self.c_program, name.encode(), ctypes.byref(found))
            if code == ffi.DPU_ERR_UNKNOWN_SYMBOL:
                return None
            check(code)
            self.symbols[name] = DpuSymbol(name, (found.address, found.size))
        return self.symbols[name]

    def fetch_all_symbols(self) -> Dict[str, DpuSymbol]:
        """Every symbol that the host may use, by name."""
        name, number = ctypes.c_char_p(), 0
        place = ffi.struct_dpu_symbol_t()
        while ffi.dpusim_program_symbol(
                self.c_program, number, ctypes.byref(name), ctypes.byref(place)) == ffi.DPU_OK:
            self.get_symbol((name.value or b"").decode("utf-8", "replace"))
            number += 1
        return self.symbols
