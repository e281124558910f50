# SPDX-License-Identifier: MIT
"""Mutation test of the description of the instruction set: do the tests notice mistakes in it?

    usage: mutation BUILD [--mutants N] [--jobs N] [--seed N] [--min PERCENT]

Mutants (mutants.py) are drawn at random until N of them build to other code than ours; each is run
through the quick tests of instructions and vectors until one fails. Prints those that no test
noticed; the last line counts. Exit status 1 when fewer than PERCENT were noticed.
"""
import argparse
import concurrent.futures
import gzip
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import threading
from typing import Dict, Iterator, List, Optional, Set

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import mutants  # noqa: E402  pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TESTS = ["test_exec", "test_decode", "test_model", "test_forms", "test_engine", "test_programs"]
VECTORS = ["encoding", "semantics", "memory"]
TIMEOUT_S = 120
FEW = 5
COMMAND = "command"  # `dpusim conformance`: the vectors


def compile_command(tree: pathlib.Path, gen: pathlib.Path, built: pathlib.Path) -> List[str]:
    """The compiler with the flags of the Makefile that matter, without optimization."""
    return [*os.environ.get("CC", "gcc").split(), "-std=c11", "-O0", "-w", "-D_GNU_SOURCE",
            "-DSIM_OUT_OF_LINE",
            "-iquote", str(tree / "isa"), "-iquote", str(tree / "sim"), "-iquote", str(gen),
            "-iquote", str(tree / "tests"), "-iquote", str(built / "gen"),
            f'-DSOURCE_DIR="{ROOT}"', f'-DBUILD_DIR="{gen}"']


class Refused(Exception):
    """A mutant that does not build."""


def run(command: List[str], cwd: Optional[pathlib.Path] = None) -> bytes:
    """The output of a command that must succeed."""
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode:
        raise Refused(f"{' '.join(command[:3])}...: {done.stderr.decode(errors='replace')[-300:]}")
    return done.stdout


class Tree:
    """A copy of the sources with its objects, in which one mutant after another is built."""

    def __init__(self, place: pathlib.Path, texts: Dict[str, str],
                 base: Optional["Tree"] = None) -> None:
        self.texts = texts
        self.place, self.gen, self.objects = place, place / "gen", place / "obj"
        self.base = base
        self.affected: Dict[str, Set[str]] = {}  # by kind of mutant: sources that see it
        shutil.rmtree(place, ignore_errors=True)
        for folder in ["isa", "sim", "driver", "tools", "tests"]:
            shutil.copytree((base.place if base else ROOT) / folder, place / folder,
                            ignore=shutil.ignore_patterns("fuzz", "python", "data"))
        if base:
            shutil.copytree(base.objects, self.objects)
            shutil.copytree(base.gen, self.gen)
        else:
            self.objects.mkdir()
            self.gen.mkdir()
            self.thin()

    def compiler(self) -> List[str]:
        """The call of the compiler, without sources."""
        return compile_command(self.place, self.gen, self.place.parent.parent)

    def thin(self) -> None:
        """Few fast variants: the same results, and built in seconds."""
        fast, pairs = self.place / "sim/hot.def", self.place / "sim/pairs.h"
        rows = fast.read_text().splitlines(keepends=True)
        fast.write_text("".join(row for i, row in enumerate(rows)
                                if not re.match(r"HOT\w*\(", row) or i % FEW == 0))
        for name in ["PAIR_FIRST", "PAIR_SECOND"]:
            pairs.write_text(re.sub(rf"(#define {name}\(.*?\n(?:.*\n){{{FEW}}})(?:    X\(.*\\\n)*",
                                    r"\1", pairs.read_text()))

    def sources(self) -> List[str]:
        """Of the library."""
        return sorted(str(path.relative_to(self.place)) for folder in ["isa", "sim"]
                      for path in (self.place / folder).glob("*.c")
                      if path.name != "gen_tables.c")

    def object_of(self, source: str) -> pathlib.Path:
        """The object of a source."""
        return self.objects / (source.replace("/", "_") + ".o")

    def compile(self, source: str) -> None:
        """A source of the library, the tools or the tests."""
        run([*self.compiler(), "-c", "-o", str(self.object_of(source)),
             source], self.place)

    def seen(self, source: str) -> bytes:
        """What the compiler sees of a source."""
        return run([*self.compiler(), "-E", "-P", source], self.place)

    def tables(self) -> None:
        """The generated tables."""
        tool = self.gen / "gen_tables"
        run([*self.compiler(), "-o", str(tool), "isa/gen_tables.c"],
            self.place)
        (self.gen / "isa_tables.inc").write_bytes(run([str(tool)]))
        (self.gen / "form_facts.inc").write_bytes(run([str(tool), "facts"]))

    def build_all(self, jobs: int) -> None:
        """Every object, of the tests and of the command too."""
        self.tables()
        tools = [str(path.relative_to(self.place)) for path in (self.place / "tools").glob("*.c")]
        everything = [*self.sources(), *tools, *[f"tests/{test}.c" for test in TESTS]]
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            list(pool.map(self.compile, everything))

    def who_sees(self, mutant: mutants.Mutant) -> Set[str]:
        """The sources whose text a mutant of this kind changes; found out with the first one."""
        assert self.base is not None
        kind = mutant.path + mutant.kind
        if kind not in self.affected:
            self.affected[kind] = {source for source in self.sources()
                                   if self.seen(source) != self.base.seen(source)}
        return self.affected[kind]

    def build(self, mutant: mutants.Mutant) -> List[str]:
        """Sources whose objects the mutant changed; restore() takes it back."""
        assert self.base is not None
        (self.place / mutant.path).write_text(mutant.apply(self.texts[mutant.path]))
        if mutant.path.endswith(".def"):
            self.tables()
        changed = []
        for source in sorted(self.who_sees(mutant)):
            self.compile(source)
            if self.object_of(source).read_bytes() != self.base.object_of(source).read_bytes():
                changed.append(source)
        return changed

    def restore(self, mutant: mutants.Mutant) -> None:
        """The tree as it was before build()."""
        assert self.base is not None
        (self.place / mutant.path).write_text(self.texts[mutant.path])
        for name in ["isa_tables.inc", "form_facts.inc"]:
            shutil.copy(self.base.gen / name, self.gen / name)
        for source in self.affected.get(mutant.path + mutant.kind, set(self.sources())):
            shutil.copy(self.base.object_of(source), self.object_of(source))

    def link(self, what: str) -> pathlib.Path:
        """A test, or the command."""
        program = self.gen / what
        own = ([str(path) for path in sorted(self.objects.glob("tools_*.o"))] if what == COMMAND
               else [str(self.object_of(f"tests/{what}.c"))])
        libraries = run(["pkg-config", "--libs", "libelf", "libdw", "check", "jansson"])
        run([*os.environ.get("CC", "gcc").split(), "-o", str(program), *own,
             *[str(self.object_of(source)) for source in self.sources()],
             *libraries.decode().split()])
        return program

    def fails(self, what: str) -> bool:
        """Does a test notice?"""
        program = self.link(what)
        environment = {**os.environ, "CK_FORK": "no", "CK_VERBOSITY": "silent",
                       "DPUSIM_MODEL_INSNS": "300"}
        commands = ([[str(program), "conformance", str(self.base_vectors() / f"{kind}.tsv")]
                     for kind in VECTORS] if what == COMMAND else [[str(program)]])
        for command in commands:
            try:
                done = subprocess.run(command, cwd=self.gen, env=environment, check=False,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                      timeout=TIMEOUT_S)
            except subprocess.TimeoutExpired:
                return True
            if done.returncode:
                return True
        return False

    def base_vectors(self) -> pathlib.Path:
        """The folder with the vectors, unpacked once."""
        return (self.base or self).gen

    def noticed_by(self, mutant: mutants.Mutant) -> Optional[str]:
        """The first test that fails; None: nobody noticed."""
        first = [COMMAND, *TESTS] if mutant.path.endswith(".def") else [*TESTS[:1], COMMAND,
                                                                        *TESTS[1:]]
        return next((test for test in first if self.fails(test)), None)


class Judge:
    """Draws mutants until enough of them have been judged."""

    def __init__(self, wanted: int, source: Iterator[mutants.Mutant]) -> None:
        self.lock, self.wanted, self.source = threading.Lock(), wanted, source
        self.judged = self.same = self.refused = 0
        self.survivors: List[mutants.Mutant] = []

    def draw(self) -> Optional[mutants.Mutant]:
        """The next one; None when there are enough."""
        with self.lock:
            if self.judged >= self.wanted:
                return None
            self.judged += 1
            return next(self.source, None)

    def give_back(self, refused: bool) -> None:
        """The one drawn does not count."""
        with self.lock:
            self.judged -= 1
            self.refused += refused
            self.same += not refused

    def judge(self, tree: Tree, mutant: mutants.Mutant) -> None:
        """Build it, run it, count it."""
        try:
            if not tree.build(mutant):
                self.give_back(refused=False)
                return
            test = tree.noticed_by(mutant)
        except Refused:
            self.give_back(refused=True)
            return
        finally:
            tree.restore(mutant)
        shown = mutant.show(tree.texts[mutant.path])
        with self.lock:
            if test is None:
                self.survivors.append(mutant)
            print(f"{test or 'SURVIVED':13} {shown[:150]}", flush=True)

    def work(self, trees: "queue.Queue[Tree]") -> None:
        """One worker."""
        tree = trees.get()
        for mutant in iter(self.draw, None):
            self.judge(tree, mutant)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="mutation", description=__doc__.split("\n", 1)[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--mutants", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--min", type=float, default=85)
    options = parser.parse_args()
    place = options.build.resolve() / "mutation"
    texts = mutants.read_texts(ROOT)
    base = Tree(place / "base", texts)
    base.build_all(options.jobs)
    for kind in VECTORS:
        packed = ROOT / f"tests/data/vectors/{kind}-vectors.tsv.gz"
        (base.gen / f"{kind}.tsv").write_bytes(gzip.decompress(packed.read_bytes()))
    failing = [test for test in [COMMAND, *TESTS] if base.fails(test)]
    if failing:
        print(f"without a mistake these fail: {', '.join(failing)}")
        return 1
    trees: "queue.Queue[Tree]" = queue.Queue()
    for worker in range(options.jobs):
        trees.put(Tree(place / f"worker-{worker}", texts, base))
    judge = Judge(options.mutants, mutants.candidates(texts, options.seed))
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for done in [pool.submit(judge.work, trees) for _ in range(options.jobs)]:
            done.result()
    noticed = judge.judged - len(judge.survivors)
    share = 100 * noticed / max(judge.judged, 1)
    print(f"{judge.same} more change nothing, {judge.refused} do not build")
    print(f"{noticed} of {judge.judged} mutants noticed: {share:.1f} %, wanted {options.min:g} %")
    return int(share < options.min)


if __name__ == "__main__":
    sys.exit(main())
