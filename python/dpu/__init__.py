# SPDX-License-Identifier: MIT
"""Host programs for DPUs in Python; the names and behaviour of the SDK's package ``dpu``.

See :class:`DpuSet`; ``dpu.driver`` has an example. Importing loads ``libdpu.so``; ImportError says
where it was looked for.
"""
from dpu.driver import ALLOCATE_ALL, DpuContext, DpuError, DpuSet, DpuSymbol

__all__ = ["ALLOCATE_ALL", "DpuContext", "DpuError", "DpuSet", "DpuSymbol"]
