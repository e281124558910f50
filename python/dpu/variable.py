# SPDX-License-Identifier: MIT
"""Values of a symbol read from DPUs."""
from typing import Any, List


class DpuVariable:
    """What a symbol held on each DPU of a set, as bytes that can be seen as numbers.

    Shapes: a sequence of one element is replaced by that element. So with one DPU and a variable
    of 4 bytes ``int32()`` is an int; with one DPU and an array it is a memoryview of ints; with
    several DPUs it is a list of those, in the order of ``dpus()``. Numbers are little endian.

    >>> DpuVariable([memoryview(bytes([1, 0, 0, 0]))]).uint32()
    1
    >>> DpuVariable([memoryview(bytes([1, 0, 2, 0]))]).uint16().tolist()
    [1, 2]
    >>> DpuVariable([memoryview(b"\\x01"), memoryview(b"\\xff")]).int8()
    [1, -1]

    Casts raise TypeError when the size of the symbol is no multiple of the element.
    """

    def __init__(self, contents: List[memoryview]) -> None:
        #: one memoryview of bytes per DPU
        self.contents = contents

    def _cast(self, code: str) -> Any:
        return _unwrap([_unwrap(view.cast("B").cast(code)) for view in self.contents])

    def data(self) -> Any:
        """memoryview of bytes, or a list of them."""
        return _unwrap(self.contents)

    def int8(self) -> Any:
        """As signed 8-bit integers."""
        return self._cast("b")

    def uint8(self) -> Any:
        """As unsigned 8-bit integers."""
        return self._cast("B")

    def int16(self) -> Any:
        """As signed 16-bit integers."""
        return self._cast("h")

    def uint16(self) -> Any:
        """As unsigned 16-bit integers."""
        return self._cast("H")

    def int32(self) -> Any:
        """As signed 32-bit integers."""
        return self._cast("i")

    def uint32(self) -> Any:
        """As unsigned 32-bit integers."""
        return self._cast("I")

    def int64(self) -> Any:
        """As signed 64-bit integers."""
        return self._cast("q")

    def uint64(self) -> Any:
        """As unsigned 64-bit integers."""
        return self._cast("Q")

    def float(self) -> Any:
        """As 32-bit floating-point numbers."""
        return self._cast("f")

    def double(self) -> Any:
        """As 64-bit floating-point numbers."""
        return self._cast("d")


def _unwrap(sequence: Any) -> Any:
    return sequence[0] if len(sequence) == 1 else sequence
