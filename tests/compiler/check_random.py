# SPDX-License-Identifier: MIT
"""Random programs against the host's compiler.

    usage: check_random.py BUILD FIRST LAST [JOBS]

Each of the seeds FIRST to LAST is a program (random_program.py) whose checksum the host's compiler
decides; the DPU's compiler must agree at -O0 and at -O2 with both profiles. A program too
large for the DPU's instruction memory at one level is left out there and counted. Prints what
differs; the last line counts. Exit code 1 when something differs.
"""
import collections
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

import random_program

LEVELS = ["-O0", "-O2 -mprofile=match", "-O2 -mprofile=best"]
TOO_LARGE = re.compile("IRAM|instruction memory")


def output_of(command, limit_s):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=limit_s,
                              check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no end after {limit_s} s")


def host_checksum(folder, source):
    host = folder / "host"
    subprocess.run(["gcc", "-w", "-O1", "-fwrapv", "-fno-strict-aliasing", "-ffp-contract=off",
                    "-DHOST", "-o", host, source], check=True)
    return output_of([host], 20).stdout.strip()


def dpu_checksum(build, folder, source, level):
    """The checksum, "large", or a text that says what went wrong."""
    program = folder / "program.elf"
    made = output_of([build / "bin/dpu-upmem-dpurte-clang", "-w", *level.split(),
                      "-fwrapv", "-fno-strict-aliasing",
                      "-DSTACK_SIZE_DEFAULT=16384", "-o", program, source], 120)
    if made.returncode:
        return "large" if TOO_LARGE.search(made.stderr) else made.stderr.strip()[:500]
    run = output_of([build / "bin/dpusim", "run", "-q", "--dump=checksum:u32", program], 60)
    found = re.search(r"^checksum = (\d+)", run.stdout, re.M)
    return found.group(1) if found and not run.returncode else (run.stdout + run.stderr)[:500]


def check(build, seed):
    """Pairs of a level and its result: "good", "large", or what is wrong."""
    with tempfile.TemporaryDirectory(prefix="dpusim-random.") as name:
        folder = pathlib.Path(name)
        source = folder / "random.c"
        source.write_text(random_program.Program(seed).text(), encoding="ascii")
        wanted = host_checksum(folder, source)
        results = []
        for level in LEVELS:
            got = dpu_checksum(build, folder, source, level)
            results.append((level, "good" if got == wanted else "large" if got == "large" else
                            f"{got}; the host has {wanted}"))
        return results


def main(build, first, last, jobs="2"):
    build = pathlib.Path(build).resolve()
    counts = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(int(jobs)) as pool:
        seeds = range(int(first), int(last) + 1)
        for seed, results in zip(seeds, pool.map(lambda seed: check(build, seed), seeds)):
            for level, result in results:
                counts[result if result in ("good", "large") else "bad"] += 1
                if result not in ("good", "large"):
                    print(f"seed {seed} {level}: {result}", flush=True)
    print(f"{counts['good']} good, {counts['bad']} bad, {counts['large']} too large for a DPU")
    return 1 if counts["bad"] or not counts["good"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
