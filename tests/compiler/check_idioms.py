# SPDX-License-Identifier: MIT
"""The instructions that common patterns become.

    usage: check_idioms.py COMPILER IDIOMS.c IDIOMS.tsv

Each row of the table names a function of the C file and its instructions, in any order: those of
the frame and the return at the end are left out. Prints rows that differ; the last line counts.
"""
import re
import subprocess
import sys

FRAME = re.compile(r"sd r22, \d+, d22|add r22, r22, \d+|ld d22, r22, -8|jump r23")


def functions_of(assembly):
    """Mnemonics by function, sorted."""
    found, body = {}, []
    for line in assembly.splitlines():
        name = re.match(r"(\w+):", line)
        if name:
            body = found.setdefault(name.group(1).rstrip("_"), [])
        elif re.match(r"\t[a-z]", line) and not FRAME.fullmatch(line.strip()):
            body.append(re.split(r"[ ,]", line.strip())[0])
    return {name: sorted(body) for name, body in found.items()}


def main(compiler, source, table):
    made = subprocess.run([compiler, "-O2", "-mprofile=best", "-S", "-o", "-", source],
                          stdout=subprocess.PIPE, text=True, check=True)
    found = functions_of(made.stdout)
    passed = failed = 0
    with open(table, encoding="ascii") as rows:
        for row in rows:
            if row.startswith("#"):
                continue
            name, wanted = row.rstrip("\n").split("\t")[:2]
            if found.get(name) == sorted(wanted.split()):
                passed += 1
            else:
                failed += 1
                print(f"{name}: {' '.join(found.get(name, ['is missing']))}, wanted {wanted}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
