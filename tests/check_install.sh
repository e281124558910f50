#!/bin/sh
# SPDX-License-Identifier: MIT
# `make install` puts everything where a package would, and a C program builds against it.
set -u
cd "$(dirname "$0")/.." || exit 2
build=${B:-build}
mkdir -p "$build"
work=$(cd "$build" && pwd)/check-install
rm -rf "$work"
mkdir -p "$work"
passed=0 failed=0

check() { # check NAME COMMAND...
    name=$1
    shift
    if "$@" > "$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL  $name"
        head -n 10 "$work/log"
    fi
}
every_file_is_there() {
    for file in bin/dpusim lib/libdpusim.so lib/libdpusim.so.0 lib/libdpusim.a \
        lib/pkgconfig/dpusim.pc include/dpusim/dpusim.h include/dpusim/isa.h \
        include/dpusim/insn.def include/dpusim/timing.def share/man/man1/dpusim.1 \
        share/man/man1/dpusim-run.1 share/doc/dpusim/README.md \
        share/doc/dpusim/docs/reference/instructions.md; do
        [ -s "$root/usr/$file" ] || { echo "missing: $file"; return 1; }
    done
}
soname_is_right() { objdump -p "$root/usr/lib/libdpusim.so" | grep 'SONAME *libdpusim.so.0$'; }
pages_name_no_path() { ! grep -rn "$work" "$root/usr/share" "$root/usr/lib/pkgconfig"; }
program_builds() { # program_builds OUTPUT EXTRA-FLAGS...
    output=$1
    shift
    # shellcheck disable=SC2046
    ${CC:-gcc} -std=c11 -Wall -Wextra -pedantic -o "$output" "$work/p.c" \
        $(PKG_CONFIG_SYSROOT_DIR="$root" PKG_CONFIG_PATH="$root/usr/lib/pkgconfig" \
            pkg-config --cflags --libs "$@" dpusim)
}

root=$work/root
check "make install" "${MAKE:-make}" --no-print-directory -s B="$build" DESTDIR="$root" PREFIX=/usr install
check "every file is there" every_file_is_there
check "the shared library has its soname" soname_is_right
check "nothing names the staging directory" pages_name_no_path
cat > "$work/p.c" << 'END'
#include <dpusim/dpusim.h>
#include <limits.h>
#include <stdio.h>
int main(void)
{
    struct sim_dpu *dpu;
    if (INT_MAX < 1 || sim_dpu_create(&dpu, NULL, NULL) != DPUSIM_OK)
        return 1;
    printf("%u\n", sim_dpu_chip(dpu)->threads);
    sim_dpu_destroy(dpu);
    return 0;
}
END
check "a program links with the shared library" program_builds "$work/shared"
check "and runs" sh -c "[ \"\$(LD_LIBRARY_PATH=$root/usr/lib $work/shared)\" = 24 ]"
check "a program links statically" sh -c "cd $work && ${CC:-gcc} -I$root/usr/include -o static p.c \
    $root/usr/lib/libdpusim.a $(pkg-config --libs libelf libdw)"
check "and runs" sh -c "[ \"\$($work/static)\" = 24 ]"
check "the installed command runs" "$root/usr/bin/dpusim" version
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
