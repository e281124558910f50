# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Sourced by test scripts: counts checks, whose output goes to `log` in the working directory.
passed=0 failed=0

check() { # check NAME COMMAND...: the command succeeds
    name=$1
    shift
    if "$@" > log 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL  $name"
        head -n 20 log
    fi
}
says() { # says EXIT-CODE TEXT COMMAND...: the command ends with it and prints the text
    code=$1 text=$2
    shift 2
    "$@" > said 2>&1
    if [ $? != "$code" ] || ! grep -qF -e "$text" said; then
        cat said
        return 1
    fi
}
report() { # the script's last command
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
