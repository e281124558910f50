#!/bin/sh
# SPDX-License-Identifier: MIT
# The Python packages of the build tree: every doctest, tests/python, and, where mypy is installed, the
# types. Ends with "N passed, N failed".
#   usage: tests/check_python.sh [ARGUMENT OF PYTEST...]
set -u
cd "$(dirname "$0")/.." || exit 2
B=$(cd "${B:-build}" && pwd) || exit 2
export B PYTHONPATH="$B/python" PYTHONPYCACHEPREFIX="$B/pycache"
unset DPUSIM_LIB DPUSIM_DPU_CC UPMEM_PROFILE UPMEM_PROFILE_BASE UPMEM_VERBOSE DPU_ARCH_VERSION \
    LD_LIBRARY_PATH

if [ ! -e "$B/python/dpu/ffi.py" ]; then
    echo "the Python packages are not built: sh scripts/packages.sh python, then make"
    echo "0 passed, 1 failed"
    exit 1
fi
if [ $# = 0 ]; then
    set -- --doctest-modules "$B/python/dpu" "$B/python/dpusim" tests/python
    if scripts/python --need mypy -c '' 2> /dev/null; then
        if scripts/python --need mypy -m mypy --strict --cache-dir "$B/mypy" \
            -p dpu -p dpusim > "$B/mypy.log" 2>&1; then
            echo "1 passed, 0 failed (types)"
        else
            tail -n 20 "$B/mypy.log"
            echo "0 passed, 1 failed (types)"
        fi
    fi
fi
exec scripts/python --need pytest -m pytest -q -p no:cacheprovider "$@"
