#!/bin/sh
# SPDX-License-Identifier: MIT
# Host programs in C and C++ build with dpu-pkg-config and run: from the build tree, from a tree
# that was installed, also with a blank in its path, and from one that was moved.
set -u
cd "$(dirname "$0")/.." || exit 2
build=${B:-build}
work=$(cd "$build" && pwd)/check-host-build
rm -rf "$work"
mkdir -p "$work"
passed=0 failed=0
unset UPMEM_HOME PKG_CONFIG_PATH LIBRARY_PATH LD_LIBRARY_PATH

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
in_tree() { # in_tree ENV-FILE COMMAND: run a shell command after sourcing the file
    # shellcheck disable=SC1090
    (. "$1" && eval "$2")
}
prints() { # prints TEXT COMMAND...
    expected=$1
    shift
    "$@" > "$work/printed" || return 1
    # Some pkg-configs leave a blank at the end.
    [ "$(sed 's/ *$//' "$work/printed")" = "$expected" ] || { cat "$work/printed"; return 1; }
}
kernel() {
    for source in examples/common/crt0.S tests/host/sum.S; do
        "$build/bin/dpusim" asm -o "$work/$(basename "$source" .S).o" "$source" || return 1
    done
    "$build/bin/dpusim" link --nr-tasklets=1 -o "$work/sum.elf" "$work/crt0.o" "$work/sum.o"
}
sums="0: 1008 sum 1008
1: 1012 sum 1012
2: 1016 sum 1016
3: 1020 sum 1020"

# The compiler's command line has dpu-pkg-config's output as words (EVAL: as shell text, which is
# what make and blanks in paths need).
in_words="\$(dpu-pkg-config --cflags --libs dpu)"
builds_and_runs() { # builds_and_runs TREE-NAME ENV-FILE how
    case $3 in
    words)
        c="gcc -Wall -Werror tests/host/program.c $in_words -o '$work/program'"
        cpp="g++ -Wall -Werror tests/host/program.cpp $in_words -o '$work/program++'"
        ;;
    text)
        c="eval \"gcc tests/host/program.c $in_words -o '$work/program'\""
        cpp="eval \"g++ tests/host/program.cpp $in_words -o '$work/program++'\""
        ;;
    esac
    check "$1: a C program builds" in_tree "$2" "$c"
    check "$1: and runs" prints "$sums" in_tree "$2" "'$work/program' '$work/sum.elf'"
    check "$1: a C++ program builds" in_tree "$2" "$cpp"
    check "$1: and runs" prints ok in_tree "$2" "UPMEM_VERBOSE=s '$work/program++' '$work/sum.elf'"
    rm -f "$work/program" "$work/program++"
}
flags_are() { # flags_are TREE ENV-FILE
    prints "-I$1/include/dpu -L$1/lib -ldpu" in_tree "$2" "dpu-pkg-config --cflags --libs dpu"
}

check "the kernel assembles and links" kernel
tree=$(cd "$build" && pwd)
builds_and_runs "build tree" "$build/env.sh" words
check "build tree: flags" flags_are "$tree" "$build/env.sh"
check "build tree: version" prints 2025.1.0 \
    in_tree "$build/env.sh" "dpu-pkg-config --modversion dpu"
check "the library has the name that programs of the SDK ask for" \
    sh -c "objdump -p '$build/lib/libdpu.so' | grep 'SONAME *libdpu.so.2025.1\$'"

# Makefiles call the command through make, CMake projects the package through FindPkgConfig.
cat > "$work/Makefile" << 'END'
program: $(SOURCE)
	$(CC) -o $@ $< `dpu-pkg-config --cflags --libs dpu`
program2: $(SOURCE)
	$(CC) -o $@ $< $(shell dpu-pkg-config --cflags --libs dpu)
END
source=$(pwd)/tests/host/program.c
make_and_run() { # make_and_run ENV-FILE
    in_tree "$1" "make -s -C '$work' SOURCE='$source' program program2" &&
        prints "$sums" in_tree "$1" "'$work/program2' '$work/sum.elf'"
}
check "Makefile of a user" make_and_run "$build/env.sh"
if command -v cmake > /dev/null; then
    mkdir -p "$work/cmake"
    cat > "$work/cmake/CMakeLists.txt" << END
cmake_minimum_required(VERSION 3.16)
project(host C)
find_package(PkgConfig REQUIRED)
pkg_check_modules(DPU REQUIRED dpu)
add_executable(host "$source")
target_include_directories(host PRIVATE \${DPU_INCLUDE_DIRS})
target_link_directories(host PRIVATE \${DPU_LIBRARY_DIRS})
target_link_libraries(host \${DPU_LIBRARIES})
END
    cmake_and_run() { # cmake_and_run ENV-FILE
        in_tree "$1" "cmake -S '$work/cmake' -B '$work/cmake/build'" &&
            in_tree "$1" "cmake --build '$work/cmake/build'" &&
            prints "$sums" in_tree "$1" "'$work/cmake/build/host' '$work/sum.elf'"
    }
    check "CMake project of a user" cmake_and_run "$build/env.sh"

    # One project of both sides: kernels in a folder of their own (included toolchain) and as an
    # external project (toolchain on the command line), with a library between.
    both=$work/cmake-both
    mkdir -p "$both/kernel" "$both/external"
    cat > "$both/CMakeLists.txt" << END
cmake_minimum_required(VERSION 3.16)
project(both)
include("\$ENV{UPMEM_HOME}/share/upmem/cmake/include/host/DpuHost.cmake")
link_directories("\${DPU_HOST_LINK_DIRECTORIES}")
add_executable(host "$source")
target_include_directories(host PRIVATE \${DPU_HOST_INCLUDE_DIRECTORIES})
target_link_libraries(host \${DPU_HOST_LIBRARIES})
add_subdirectory(kernel)
include(ExternalProject)
ExternalProject_Add(external SOURCE_DIR "$both/external" INSTALL_COMMAND ""
  BINARY_DIR "\${CMAKE_BINARY_DIR}/external" CMAKE_ARGS
  "-DCMAKE_TOOLCHAIN_FILE=\$ENV{UPMEM_HOME}/share/upmem/cmake/dpu.cmake")
END
    cat > "$both/kernel/CMakeLists.txt" << 'END'
include("$ENV{UPMEM_HOME}/share/upmem/cmake/dpu.cmake")
add_executable(included sum.c)
target_compile_definitions(included PUBLIC NR_TASKLETS=4)
target_link_options(included PUBLIC -DNR_TASKLETS=4)
END
    cat > "$both/external/CMakeLists.txt" << 'END'
cmake_minimum_required(VERSION 3.16)
project(external)
add_library(part STATIC part.c)
add_executable(linked ../kernel/sum.c)
target_compile_definitions(linked PUBLIC NR_TASKLETS=4 PART=of)
target_link_options(linked PUBLIC -DNR_TASKLETS=4)
target_link_libraries(linked part)
END
    cat > "$both/kernel/sum.c" << 'END'
#include <defs.h>
#include <mram.h>
#include <stdint.h>
#ifndef PART
#define PART(x) (x)
#else
uint32_t PART(uint32_t x);
#endif
__mram_noinit uint32_t in[16], out[2];
int main(void)
{
    if (me() == NR_TASKLETS - 1) {
        uint32_t sum = 0;
        for (int i = 0; i < 16; i++)
            sum += PART(in[i]);
        out[0] = sum;
    }
    return 0;
}
END
    echo 'unsigned of(unsigned x) { return x; }' > "$both/external/part.c"
    kernels_of_cmake() { # kernels_of_cmake ENV-FILE
        rm -rf "$both/build"
        in_tree "$1" "cmake -S '$both' -B '$both/build' && cmake --build '$both/build'" &&
            for kernel in kernel/included external/linked; do
                in_tree "$1" "dpusim run --set in=1,2,39 --dump 'out:u32[1]' '$both/build/$kernel'" |
                    grep -q 'out = 42' || return 1
            done &&
            prints "$sums" in_tree "$1" "'$both/build/host' '$work/sum.elf'"
    }
    [ ! -x "$build/bin/dpu-upmem-dpurte-clang" ] ||
        check "CMake project with kernels" kernels_of_cmake "$build/env.sh"
fi

# As the SDK's documentation had it before dpu-pkg-config, and its name of env.sh.
named_libraries() { # named_libraries ENV-FILE
    in_tree "$1" "gcc -I\$UPMEM_HOME/include/dpu '$source' -L\$UPMEM_HOME/lib -ldpu -ldpuverbose \
        -o '$work/named'" && prints "$sums" in_tree "$1" "'$work/named' '$work/sum.elf'"
}
check "-ldpu -ldpuverbose" named_libraries "$build/upmem_env.sh"

# Installed; with a blank in the prefix; moved after the installation; staged.
installed=$work/sdk spaced="$work/with a blank" moved=$work/elsewhere
install_to() {
    "${MAKE:-make}" --no-print-directory -s B="$build" DESTDIR= PREFIX="$1" install
}
check "make install" install_to "$installed"
builds_and_runs "installed" "$installed/share/dpusim/env.sh" words
check "installed: flags" flags_are "$installed" "$installed/share/dpusim/env.sh"
check "installed: -ldpu -ldpuverbose" named_libraries "$installed/upmem_env.sh"
check "make install PREFIX='with a blank'" install_to "$spaced"
builds_and_runs "blank in the prefix" "$spaced/share/dpusim/env.sh" text
mv "$installed" "$moved"
check "moved: flags" prints "-I$moved/include/dpu -L$moved/lib -ldpu" \
    "$moved/bin/dpu-pkg-config" --cflags --libs dpu
check "UPMEM_HOME names another tree" env UPMEM_HOME="$tree" sh -c \
    "[ \"\$('$moved/bin/dpu-pkg-config' --cflags dpu | tr -d ' ')\" = '-I$tree/include/dpu' ]"
check "UPMEM_HOME without the package does not hide this one" env UPMEM_HOME="$work" \
    sh -c "'$moved/bin/dpu-pkg-config' --exists dpu"
rm "$moved/share/pkgconfig/dpu.pc"
names_the_folder() {
    ! "$moved/bin/dpu-pkg-config" --cflags dpu 2> "$work/message" &&
        grep -q "$moved/share/pkgconfig" "$work/message"
}
check "no package: the message says where it was looked for" names_the_folder

# The C++ header alone, in every dialect that users have.
for compiler in g++ clang++; do
    for standard in c++11 c++14 c++17 c++20; do
        command -v $compiler > /dev/null || continue
        check "dpu with $compiler -std=$standard" sh -c "printf '#include <dpu>\n' |
            $compiler -x c++ -std=$standard -Wall -Wextra -Wshadow -pedantic -Werror -fsyntax-only \
            -I'$build/include/dpu' -"
    done
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
