# SPDX-License-Identifier: MIT
"""Small mistakes in the description of the instruction set: one changed token each.

C headers: an operator, a number, a word is replaced by one of its kind, or an assignment is left
out.
Tables: a bit of an encoding, an operation, a widening, operands, a condition.
"""
import pathlib
import random
import re
from typing import Dict, Iterator, List, NamedTuple, Tuple


class Mutant(NamedTuple):
    """`old` at `offset` of a file becomes `new`; mutants of one kind change the same columns."""
    path: str
    offset: int
    old: str
    new: str
    kind: str

    def apply(self, text: str) -> str:
        """The text of the file with the mistake."""
        end = self.offset + len(self.old)
        assert text[self.offset:end] == self.old
        return text[:self.offset] + self.new + text[end:]

    def show(self, text: str) -> str:
        """Place and change, on one line."""
        line = text.count("\n", 0, self.offset) + 1
        start = text.rfind("\n", 0, self.offset) + 1
        whole = text[start:text.find("\n", self.offset)].strip()
        return f"{self.path}:{line}: {self.old.strip()!r} -> {self.new.strip()!r} in: {whole}"


OPERATORS = {" + ": " - ", " - ": " + ", " * ": " + ", " & ": " | ", " | ": " & ", " ^ ": " | ",
             " << ": " >> ", " >> ": " << ", " == ": " != ", " != ": " == ", " < ": " <= ",
             " <= ": " < ", " >= ": " > ", " > ": " >= ", " && ": " || ", " || ": " && ",
             " |= ": " = ", " ^= ": " = ", " += ": " = ", " -= ": " += "}
WORDS = {"true": "false", "false": "true", "SRC_RI": "SRC_RR", "SRC_RR": "SRC_RI",
         "SRC_IR": "SRC_RI", "USE_SET": "USE_PLAIN", "USE_JUMP": "USE_PLAIN", "ZC": "Z", "Z": "ZC",
         "S": "U", "U": "S", "L": "H", "H": "L", "int8_t": "int16_t", "int16_t": "int8_t",
         "ra": "rb", "rc": "rb", "rb": "ra", "imm": "imm2", "odd": "even",
         "even": "odd", "src": "amount", "alu_plain": "~", "bswap16": "bswap32"}
TOKEN = re.compile(r"(?P<operator> [-+*&|^<>=!]+ )|(?P<number>\b(?:0x[0-9a-f]+|\d+)(?=u?\b))"
                   r"|(?P<word>\b[A-Za-z_]\w*\b)|(?P<sign>[~!](?=[a-z(]))")
# What nothing can notice: what is expected of a branch; the largest count of what does not count;
# that a safe access faults, and SIM_OUT (no word above): what calls complete functions looks at
# d->event alone.
WITHOUT_EFFECT = r", (true|false)\)(?=\))|(?<=Z), 0\)$|, (true|false)(?=\};$)"
STATEMENT = re.compile(r"^    +(?!return|break|const|uint|struct|bool|unsigned)[*\w][^\n=]* "
                       r"?(?:=|\|=|\^=|-=|\+=)[^\n]*;\n", re.M)
FORM = re.compile(r'^FORM\((?P<id>\w+), (?P<op>\w+), (?P<widen>\w), "[^"]*", \w+, '
                  r"OPS\((?P<operands>[^)]*)\), 0x(?P<mask>\w+), 0x(?P<value>\w+), "
                  r"(?P<check>\w+)\)", re.M)


def code_of(text: str) -> str:
    """The text with comments and lines of the preprocessor blanked, same length; macros stay."""
    def blank(match: "re.Match[str]") -> str:
        return re.sub(r"[^\n]", "\0", match.group())
    text = re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.S)
    text = re.sub(WITHOUT_EFFECT, blank, text, flags=re.M)
    return re.sub(r"^ *#(?!define \w+\()[^\n]*", blank, text, flags=re.M)


def header_mutants(path: str, text: str) -> Iterator[Mutant]:
    """Every mistake of a C header."""
    code = code_of(text)
    for match in TOKEN.finditer(code):
        old = match.group()
        if match["operator"] and old in OPERATORS:
            yield Mutant(path, match.start(), old, OPERATORS[old], "code")
        elif match["number"]:
            base = 16 if old.startswith("0x") else 10
            yield Mutant(path, match.start(), old, hex(int(old, base) + 1), "code")
        elif match["word"] and WORDS.get(old, "~") != "~":
            yield Mutant(path, match.start(), old, WORDS[old], "code")
        elif match["sign"]:
            yield Mutant(path, match.start(), old, "", "code")
    for match in STATEMENT.finditer(code):
        yield Mutant(path, match.start(), match.group(), "    ;\n", "code")


def siblings(text: str, pattern: str) -> Dict[str, List[str]]:
    """Rows of a table by what they share: {id: other ids with the same key}."""
    rows: List[Tuple[str, str]] = re.findall(pattern, text, flags=re.M)
    return {one: [other for other, k in rows if k == key and other != one] for one, key in rows}


def bit_mutants(path: str, offset: int, digits: str, bits: int, kind: str) -> Iterator[Mutant]:
    """A hexadecimal number with each of some bits turned over."""
    for bit in range(48):
        if bits >> bit & 1:
            changed = f"{int(digits, 16) ^ 1 << bit:0{len(digits)}x}"
            yield Mutant(path, offset, digits, changed, kind)


def form_mutants(texts: Dict[str, str], path: str, text: str) -> Iterator[Mutant]:
    """Every mistake of the rows of insn.def."""
    ops = siblings(texts["isa/op.def"], r"^OP\((\w+), (\w+)")
    operands = siblings(texts["isa/operand.def"], r'^OPERAND\((\w+), ("\w+")')
    for row in FORM.finditer(text):
        mask = int(row["mask"], 16)
        yield from bit_mutants(path, row.start("value"), row["value"], mask, "value")
        yield from bit_mutants(path, row.start("mask"), row["mask"], mask, "mask")
        for other in ops[row["op"]]:
            yield Mutant(path, row.start("op"), row["op"], other, "operation")
        if row["widen"] != "N":
            yield Mutant(path, row.start("widen"), row["widen"],
                         "U" if row["widen"] == "S" else "S", "widen")
        if row["check"] == "RB":
            yield Mutant(path, row.start("check"), "RB", "NONE", "check")
        names = row["operands"].split(", ")
        for i, name in enumerate(names):
            for other in operands.get(name, []):
                changed = ", ".join([*names[:i], other, *names[i + 1:]])
                yield Mutant(path, row.start("operands"), row["operands"], changed, "operands")
        if len(names) > 1:
            yield Mutant(path, row.start("operands"), row["operands"],
                         ", ".join([names[1], names[0], *names[2:]]), "operands")


def row_mutants(path: str, text: str) -> Iterator[Mutant]:
    """Conditions with another meaning or code, operations with other flags, fields elsewhere."""
    if path.endswith("cond.def"):
        for row in re.finditer(r"^CODE\(\w+, (\w+), \"\w+\", (\d+)", text, flags=re.M):
            yield Mutant(path, row.start(2), row[2], str(int(row[2]) + 1), "code of condition")
            yield Mutant(path, row.start(1), row[1], "Z" if row[1] != "Z" else "NZ", "condition")
    if path.endswith("op.def"):
        for row in re.finditer(r"^OP\(\w+, \w+, (NONE|Z|ZC)\b", text, flags=re.M):
            yield Mutant(path, row.start(1), row[1], "NONE" if row[1] != "NONE" else "Z", "flags")
    if path.endswith("operand.def"):
        for row in re.finditer(r"^OPERAND\([^\"]*\"\w+\", (\w+), \w+, \"([^\"]*)\"", text, re.M):
            parts = row[2].split(",")
            if len(parts) > 1:
                changed = ",".join([parts[1], parts[0], *parts[2:]])
                yield Mutant(path, row.start(2), row[2], changed, "field")


HEADERS = ["sim/ops_alu.h", "sim/ops_cond.h", "sim/forms.h"]
TABLES = ["isa/cond.def", "isa/op.def", "isa/operand.def"]
# Of a hundred mutants so many are of this file.
SHARES = {"sim/ops_alu.h": 24, "sim/ops_cond.h": 16, "sim/forms.h": 30, "isa/insn.def": 22,
          "isa/cond.def": 4, "isa/op.def": 2, "isa/operand.def": 2}


def read_texts(root: pathlib.Path) -> Dict[str, str]:
    """The files that mutants are made of."""
    return {path: (root / path).read_text() for path in SHARES}


def candidates(texts: Dict[str, str], seed: int) -> Iterator[Mutant]:
    """All mutants in random order, files by their shares."""
    chance = random.Random(seed)
    pools: Dict[str, List[Mutant]] = {}
    for path, text in texts.items():
        if path in HEADERS:
            pools[path] = list(header_mutants(path, text))
        elif path in TABLES:
            pools[path] = list(row_mutants(path, text))
        else:
            pools[path] = list(form_mutants(texts, path, text))
        chance.shuffle(pools[path])
    while any(pools.values()):
        path = chance.choices(list(SHARES), weights=list(SHARES.values()))[0]
        if pools[path]:
            yield pools[path].pop()
