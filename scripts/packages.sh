#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes sure that the packages a task needs are there.
#   usage: sh scripts/packages.sh build|compiler|test|python|lint|fuzz|bench|coverage|browser|plot|cluster ...
# Installs what is missing when it may (apt, as root or with sudo without a password) and says so in
# one line; otherwise prints the command to type and exits 1.
set -u

need() { # need PACKAGE CONDITION...: wanted when the condition fails
    package=$1
    shift
    "$@" > /dev/null 2>&1 || missing="$missing $package"
}
llvm() { # llvm VERSION: library for building, front end for running
    command -v "llvm-config-$1" > /dev/null && command -v "clang-$1" > /dev/null
}
any_llvm() { llvm 19 || llvm 18 || llvm 17 || llvm 16 || llvm 15; }
newest_llvm() { # of those that the distribution has
    for version in 19 18 17 16 15; do
        if apt-cache show "llvm-$version-dev" > /dev/null 2>&1; then
            echo "$version"
            return
        fi
    done
    echo 15
}
program() { command -v "$1"; }
library() { pkg-config --exists "$1"; }
header() { echo "#include <$1>" | cc -E -x c -; }
fuzzer_runtime() {
    find -L "$(clang --print-resource-dir)/lib" -name 'libclang_rt.fuzzer-*.a' -o \
        -name 'libclang_rt.fuzzer.a' | grep -q .
}

python_has() { sh "$(dirname "$0")/python" --need "$1" -c ''; }

group() {
    case $1 in
    build)
        need gcc program gcc
        need libc6-dev header stdio.h
        need make program make
        need pkg-config program pkg-config
        need libelf-dev library libelf
        need libdw-dev library libdw
        need libffi-dev library libffi
        need libjansson-dev library jansson
        need python3 program python3
        need python3-pycparser python_has pycparser
        ;;
    test)
        group build
        need check library check
        need g++ program g++
        need binutils program nm
        group python
        group compiler
        ;;
    python)
        group build
        need python3-numpy python_has pytest,numpy
        need python3-pytest python_has pytest,numpy
        ;;
    compiler)
        group build
        if ! any_llvm; then
            version=$(newest_llvm)
            need "llvm-$version-dev" false
            need "clang-$version" false
        fi
        ;;
    lint)
        group test
        need clang program clang
        need clang-format program clang-format
        need cppcheck program cppcheck
        need shellcheck program shellcheck
        need git program git
        ;;
    fuzz)
        group build
        need clang program clang
        if apt-cache show libclang-rt-dev > /dev/null 2>&1; then
            need libclang-rt-dev fuzzer_runtime
        fi
        ;;
    bench)
        group build
        need valgrind program valgrind
        ;;
    browser)
        need chromium program chromium
        ;;
    plot)
        group python
        need python3-matplotlib python_has matplotlib
        ;;
    cluster)
        group python
        need python3-distributed python_has distributed
        need python3-mpi4py python_has mpi4py
        ;;
    coverage)
        group test
        need gcovr program gcovr
        ;;
    *)
        echo "packages.sh: unknown group '$1'" >&2
        exit 2
        ;;
    esac
}

missing=
for name in "${@:-build}"; do
    group "$name"
done
missing=$(echo "$missing" | tr ' ' '\n' | sed '/^$/d' | sort -u | tr '\n' ' ' | sed 's/ *$//')
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
    sudo="sudo"
fi
command="apt-get install -y --no-install-recommends $missing"
if ! command -v apt-get > /dev/null 2>&1 ||
    { [ -n "$sudo" ] && ! sudo -n true > /dev/null 2>&1; }; then
    echo "dpusim needs packages that are not installed. Type: sudo $command" >&2
    exit 1
fi
echo "dpusim: installing missing packages with apt-get: $missing"
export DEBIAN_FRONTEND=noninteractive
install="$sudo env DEBIAN_FRONTEND=noninteractive $command"
$install > /dev/null 2>&1 && exit 0
$sudo apt-get update > /dev/null 2>&1
if ! $install > /tmp/dpusim-apt.$$ 2>&1; then
    tail -n 5 /tmp/dpusim-apt.$$ >&2
    rm -f /tmp/dpusim-apt.$$
    echo "dpusim: the installation failed. Type: ${sudo:+$sudo }$command" >&2
    exit 1
fi
rm -f /tmp/dpusim-apt.$$
