# SPDX-License-Identifier: MIT
"""Write a random C program without undefined behaviour to standard output.

    usage: random_program.py SEED

The same program runs on the host (-DHOST prints the checksum) and on a DPU (the checksum is a host
variable). `long` has 64 bits on both. Arithmetic is unsigned and cast afterwards; shift counts are
masked, divisors made odd, indices reduced.
"""
import random
import sys

TYPES = {
    "u8": "unsigned char", "s8": "signed char", "u16": "unsigned short", "s16": "short",
    "u32": "unsigned", "s32": "int", "u64": "unsigned long", "s64": "long",
}
WIDTH = {"u8": 8, "s8": 8, "u16": 16, "s16": 16, "u32": 32, "s32": 32, "u64": 64, "s64": 64}
CONSTANTS = [0, 1, 2, 3, 5, 7, 8, 10, 15, 31, 63, 100, 127, 128, 255, 256, 1000, 1023, 1024, 4095,
             32767, 32768, 65535, 65536, 1 << 20, 0x7fffffff, 0x80000000, 0xffffffff]
WIDE = [1 << 32, (1 << 40) + 7, 0x123456789abcdef0, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]


class Program:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.lines = []
        self.functions = []

    def pick(self, items):
        return self.rng.choice(list(items))

    def constant(self, kind):
        value = self.pick(CONSTANTS + (WIDE if WIDTH[kind] == 64 else []))
        return f"(({kind}){value}ul)"

    # ---- expressions --------------------------------------------------------------------------

    def leaf(self, scope, kind):
        choice = self.rng.random()
        if choice < 0.25 or not scope:
            return self.constant(kind)
        if choice < 0.40:
            return f"({kind})a_{self.pick(TYPES)}[{self.pick(scope)} & 7]"
        if choice < 0.50:
            return f"({kind})g.{self.pick(['a', 'b', 'c', 'd', 'e', 'f'])}"
        return f"({kind}){self.pick(scope)}"

    def expression(self, scope, kind, depth):
        if depth == 0 or self.rng.random() < 0.12:
            return self.leaf(scope, kind)
        inner = self.pick([kind, kind, self.pick(TYPES)])
        work = "u64" if WIDTH[inner] == 64 else "u32"
        signed = "s" + work[1:]
        a = self.expression(scope, inner, depth - 1)
        b = self.expression(scope, inner, depth - 1)
        mask = WIDTH[inner] - 1
        forms = [
            f"({work})({a}) + ({work})({b})", f"({work})({a}) - ({work})({b})",
            f"({work})({a}) * ({work})({b})", f"({a}) & ({b})", f"({a}) | ({b})", f"({a}) ^ ({b})",
            f"~({a})", f"-({work})({a})", f"({work})({a}) << (({b}) & {mask})",
            f"({work})({a}) >> (({b}) & {mask})", f"({inner})({a}) >> (({b}) & {mask})",
            f"({work})({a}) << {self.rng.randrange(WIDTH[inner])}",
            f"({inner})({a}) >> {self.rng.randrange(WIDTH[inner])}",
            f"({a}) {self.pick(['<', '<=', '>', '>=', '==', '!='])} ({b})",
            f"({a}) ? ({self.expression(scope, inner, depth - 1)}) : ({b})",
            f"({a}) && ({b})", f"({a}) || ({b})", f"!({a})",
            f"({work})({a}) / (({work})({b}) | 1)", f"({work})({a}) % (({work})({b}) | 1)",
            f"divide_{signed}(({a}), ({b}))", f"rest_{signed}(({a}), ({b}))",
            f"({work})({a}) * {self.rng.randrange(-40, 1100)}u",
            f"({a}) < ({b}) ? ({a}) : ({b})", f"({a}) > ({b}) ? ({a}) : ({b})",
            f"__builtin_popcount((u32)({a}))", f"__builtin_clz((u32)({a}) | 1)",
            f"__builtin_ctz((u32)({a}) | 256)", f"__builtin_bswap32((u32)({a}))",
            f"({work})({a}) << 7 | ({work})({a}) >> {mask + 1 if WIDTH[inner] > 16 else 32} - 7"
            if WIDTH[inner] > 16 else f"({a}) ^ 1",
        ]
        return f"({kind})({self.pick(forms)})"

    # ---- statements ---------------------------------------------------------------------------

    def emit(self, indent, text):
        self.lines.append("    " * indent + text)

    def target(self, scope):
        choice = self.rng.random()
        if choice < 0.25:
            kind = self.pick(TYPES)
            return f"a_{kind}[{self.pick(scope)} & 7]", kind
        if choice < 0.35:
            field = self.pick([("a", "u8"), ("b", "s16"), ("c", "s32"), ("d", "u64")])
            return f"g.{field[0]}", field[1]
        name = self.pick(scope)
        return name, name.split("_")[1]

    def assignment(self, indent, scope):
        place, kind = self.target(scope)
        if self.functions and self.rng.random() < 0.15:
            # The order of calls inside an expression would be the compiler's choice.
            name, parameters = self.pick(self.functions)
            arguments = ", ".join(self.leaf(scope, p) for p in parameters)
            self.emit(indent, f"{place} = ({kind}){name}({arguments});")
            return
        operator = self.pick(["=", "=", "+=", "^=", "-=", "|="])
        value = self.expression(scope, kind, self.rng.randrange(1, 4))
        if operator in ("+=", "-="):
            work = "u64" if WIDTH[kind] == 64 else "u32"
            self.emit(indent,
                      f"{place} = ({kind})(({work}){place} {operator[0]} ({work})({value}));")
        else:
            self.emit(indent, f"{place} {operator} {value};")

    def loop(self, indent, scope, depth):
        counter = f"i{len(self.lines)}"
        self.emit(indent, f"for (u32 {counter} = 0; {counter} < {self.rng.randrange(1, 9)}; "
                          f"{counter}++) {{")
        if self.rng.random() < 0.6:
            kind = self.pick(TYPES)
            self.emit(indent + 1, f"a_{kind}[{counter} & 7] += ({kind})({self.pick(scope)});"
                      if kind[0] == "u" else
                      f"a_{kind}[{counter} & 7] ^= ({kind})({self.pick(scope)});")
        self.block(indent + 1, scope, depth - 1)
        if self.rng.random() < 0.3:
            self.emit(indent + 1, f"if ({self.expression(scope, 'u32', 1)} == 77) "
                      + self.pick(["break;", "continue;"]))
        self.emit(indent, "}")

    def switch(self, indent, scope, depth):
        self.emit(indent, f"switch ({self.expression(scope, 'u32', 1)} & 7) {{")
        for case in self.rng.sample(range(8), self.rng.randrange(2, 8)):
            self.emit(indent, f"case {case}:")
            self.assignment(indent + 1, scope)
            if self.rng.random() < 0.8:
                self.emit(indent + 1, "break;")
        self.emit(indent, "default:")
        self.assignment(indent + 1, scope)
        self.emit(indent, "}")

    def block(self, indent, scope, depth):
        for _ in range(self.rng.randrange(1, 4)):
            choice = self.rng.random()
            if depth and choice < 0.2:
                self.loop(indent, scope, depth)
            elif depth and choice < 0.4:
                self.emit(indent, f"if ({self.expression(scope, self.pick(TYPES), 2)}) {{")
                self.block(indent + 1, scope, depth - 1)
                if self.rng.random() < 0.5:
                    self.emit(indent, "} else {")
                    self.block(indent + 1, scope, depth - 1)
                self.emit(indent, "}")
            elif depth and choice < 0.5:
                self.switch(indent, scope, depth)
            else:
                self.assignment(indent, scope)

    def function(self, number):
        result = self.pick(TYPES)
        parameters = [self.pick(TYPES) for _ in range(self.rng.randrange(1, 11))]
        names = [f"p{i}_{kind}" for i, kind in enumerate(parameters)]
        header = ", ".join(f"{kind} {name}" for kind, name in zip(parameters, names))
        storage = self.pick(["static ", "static __attribute__((noinline)) ",
                             "__attribute__((noinline)) "])
        self.emit(0, f"{storage}{result} f{number}({header})")
        self.emit(0, "{")
        scope = list(names)
        for i in range(self.rng.randrange(1, 6)):
            kind = self.pick(TYPES)
            name = f"v{i}_{kind}"
            self.emit(1, f"{kind} {name} = {self.expression(scope, kind, 2)};")
            scope.append(name)
        self.block(1, scope, 2)
        self.emit(1, f"return {self.expression(scope, result, 2)};")
        self.emit(0, "}")
        self.functions.append((f"f{number}", parameters))

    def text(self):
        for name, full in TYPES.items():
            self.emit(0, f"typedef {full} {name};")
            values = ", ".join(self.constant(name) for _ in range(8))
            self.emit(0, f"{name} a_{name}[8] = {{ {values} }};")
        self.emit(0, "struct record { u8 a; s16 b; s32 c; u64 d; u32 e : 5; s32 f : 11; } g = "
                     "{ 1, 2, 3, 4, 5, 6 };")
        for kind in ("s32", "s64"):
            for name, operator in (("divide", "/"), ("rest", "%")):
                self.emit(0, f"static {kind} {name}_{kind}({kind} a, {kind} b)")
                self.emit(0, f"{{ return b == 0 || b == -1 ? a : a {operator} b; }}")
        for number in range(self.rng.randrange(2, 6)):
            self.function(number)
        self.emit(0, "#ifdef HOST")
        self.emit(0, "int printf(const char *, ...);")
        self.emit(0, "u32 checksum;")
        self.emit(0, "#else")
        self.emit(0, '__attribute__((used, aligned(8), section(".dpu_host"))) u32 checksum;')
        self.emit(0, "#endif")
        self.emit(0, "static void mix(u64 x) { checksum = checksum * 31 + (u32)(x ^ x >> 32); }")
        self.emit(0, "int main(void)")
        self.emit(0, "{")
        for name, parameters in self.functions:
            for _ in range(2):
                arguments = ", ".join(self.constant(p) for p in parameters)
                self.emit(1, f"mix((u64){name}({arguments}));")
        for kind in TYPES:
            self.emit(1, f"for (u32 i = 0; i < 8; i++) mix((u64)a_{kind}[i]);")
        self.emit(1, "mix((u64)g.a + (u64)g.b + (u64)g.c + g.d + g.e + (u64)g.f);")
        self.emit(0, "#ifdef HOST")
        self.emit(1, 'printf("%u\\n", checksum);')
        self.emit(0, "#endif")
        self.emit(1, "return 0;")
        self.emit(0, "}")
        return "\n".join(self.lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(Program(int(sys.argv[1])).text())
