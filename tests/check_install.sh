#!/bin/sh
# SPDX-License-Identifier: MIT
# `make install` puts everything where a package would: a C program builds against it, and in an
# environment without anything else a project's Makefile builds a kernel and its host, from the
# prefix and from where the prefix was moved.
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
        share/doc/dpusim/docs/reference/instructions.md share/man/man1/dpusim-asm.1 \
        share/doc/dpusim/docs/reference/device-library.md share/doc/dpusim/docs/reference/host-api.md \
        share/doc/dpusim/examples/reduction/Makefile share/dpusim/env.sh \
        bin/dpu-pkg-config lib/libdpu.so lib/libdpu.so.2025.1 share/pkgconfig/dpu.pc \
        lib/libdpuverbose.so upmem_env.sh share/upmem/cmake/include/host/DpuHost.cmake \
        include/dpu/dpu.h include/dpu/dpu share/upmem/include/syslib/mram.h \
        share/upmem/include/syslib/built_ins.h share/upmem/include/stdlib/stdio.h \
        share/upmem/lib/v1A/librtdpu.a share/upmem/lib/v1A/crt0.o share/upmem/lib/v1B/librtdpu.a \
        share/upmem/lib/v1B/crt0.o $compiler_files $python_files; do
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

compiler_files=
python_files=
[ ! -e "$build/libexec/dpusim/dpu-cg" ] || compiler_files="bin/dpu-upmem-dpurte-clang bin/dpu-clang bin/dpu_stack_analyzer
    libexec/dpusim/dpu-cg share/upmem/cmake/dpu.cmake share/upmem/include/dpu_prelude.h share/man/man1/dpu-upmem-dpurte-clang.1
    share/man/man1/dpu-clang.1"
[ ! -e "$build/python/dpu/ffi.py" ] || python_files="lib/python3/dist-packages/dpu/driver.py
    lib/python3/dist-packages/dpu/ffi.py lib/python3/dist-packages/dpusim/ffi.py"

# A project as its users have it.
write_project() {
    mkdir -p "$1"
    cat > "$1/Makefile" << 'END'
all: kernel host
kernel: kernel.c
	dpu-upmem-dpurte-clang -DNR_TASKLETS=16 -O2 -o kernel kernel.c
host: host.c
	gcc --std=c99 host.c -o host $(shell dpu-pkg-config --cflags --libs dpu)
END
    cat > "$1/kernel.c" << 'END'
#include <defs.h>
#include <stdint.h>
#include <stdio.h>
__host uint32_t n, products[NR_TASKLETS];
int main(void)
{
    products[me()] = n * me();
    if (me() == 0)
        printf("%d tasklets, %.2f\n", NR_TASKLETS, n / 4.0);
    return 0;
}
END
    cat > "$1/host.c" << 'END'
#include <dpu.h>
#include <stdio.h>
int main(void)
{
    struct dpu_set_t set, dpu;
    uint32_t n = 5, products[16];
    DPU_ASSERT(dpu_alloc(2, NULL, &set));
    DPU_ASSERT(dpu_load(set, "./kernel", NULL));
    DPU_ASSERT(dpu_copy_to(set, "n", 0, &n, sizeof n));
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    DPU_FOREACH (set, dpu) {
        DPU_ASSERT(dpu_copy_from(dpu, "products", 0, products, sizeof products));
        DPU_ASSERT(dpu_log_read(dpu, stdout));
    }
    printf("%u\n", products[15]);
    DPU_ASSERT(dpu_free(set));
    return 0;
}
END
}
# shellcheck disable=SC2016 # for the bash that is started
from_tree() { # from_tree TREE FOLDER COMMAND: in bash with nothing but the tree's env.sh
    env -i HOME=/ PATH=/usr/bin:/bin bash -c '. "$0/share/dpusim/env.sh" && cd "$1" && eval "$2"' "$@"
}
project_runs() { # project_runs TREE
    rm -rf "$work/project" && write_project "$work/project"
    from_tree "$1" "$work/project" 'make -s && ./host' > "$work/said" 2>&1
    cat "$work/said"
    [ "$(tail -n 1 "$work/said")" = 75 ] && [ "$(grep -c '^16 tasklets, 1.25$' "$work/said")" = 2 ]
}
python_compiles() { # python_compiles TREE
    from_tree "$1" "$work/project" "/usr/bin/python3 -c '
from dpu import DpuSet, compiler
with DpuSet(1, c_source=\"kernel.c\", nr_tasklets=3) as dpus:
    dpus.n = bytes([4, 0, 0, 0])
    dpus.exec()
    print(list(dpus.products.uint32()), *compiler.find_compiler())'" > "$work/said" 2>&1
    cat "$work/said"
    [ "$(cat "$work/said")" = "[0, 4, 8] $1/bin/dpu-upmem-dpurte-clang" ]
}
pages_are_good() {
    for page in "$root"/usr/share/man/man1/*.1; do
        grep -q '^\.so ' "$page" && continue
        man --warnings -l "$page" 2>&1 > /dev/null | grep . && return 1
    done
    [ -z "$(scripts/compiler-man 2>&1 > /dev/null)" ]
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
    $root/usr/lib/libdpusim.a $(
        # shellcheck disable=SC2046 # a word or none
        pkg-config --libs libelf libdw $(pkg-config --exists libffi && echo libffi))"
check "and runs" sh -c "[ \"\$($work/static)\" = 24 ]"
check "the installed command runs" "$root/usr/bin/dpusim" version
! command -v man > /dev/null || check "the man pages are well-formed and complete" pages_are_good
if [ "$compiler_files" ]; then
    for tree in "$root/usr" "$work/moved"; do # the first was installed for /usr
        [ -d "$tree" ] || mv "$root/usr" "$tree"
        check "a project's Makefile from $(basename "$tree")" project_runs "$tree"
        [ -z "$python_files" ] || check "a kernel in Python from $(basename "$tree")" \
            python_compiles "$tree"
    done
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
