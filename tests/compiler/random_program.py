# SPDX-License-Identifier: MIT
"""Write a random C program without undefined behaviour to standard output.

    usage: random_program.py SEED

The same program runs on the host (-DHOST prints the checksum) and on a DPU (the checksum is a host
variable). `long` has 64 bits on both. Arithmetic is unsigned and cast afterwards; shift counts are
masked, divisors made odd, indices reduced, recursion counts down, floating-point numbers compared
with limits before they become integers. Results of floating-point operations count bit by bit, all
NaNs as one.

What stands in RECORDS and HELPERS is the same in every program; functions, calls, expressions and
statements that use it are random.
"""
import random
import sys

TYPES = {
    "u8": "unsigned char", "s8": "signed char", "u16": "unsigned short", "s16": "short",
    "u32": "unsigned", "s32": "int", "u64": "unsigned long", "s64": "long",
}
FLOATS = {"f32": "float", "f64": "double"}
WIDTH = {"u8": 8, "s8": 8, "u16": 16, "s16": 16, "u32": 32, "s32": 32, "u64": 64, "s64": 64}
CONSTANTS = [0, 1, 2, 3, 5, 7, 8, 10, 15, 31, 63, 100, 127, 128, 255, 256, 1000, 1023, 1024, 4095,
             32767, 32768, 65535, 65536, 1 << 20, 0x7fffffff, 0x80000000, 0xffffffff]
WIDE = [1 << 32, (1 << 40) + 7, 0x123456789abcdef0, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
REALS = ["0.0", "1.0", "-1.5", "0.1", "3.0e7", "-2.5e-3", "1e30", "7.0", "255.0", "-0.0", "1e-38",
         "16777217.0", "4294967296.0"]
RECORD_FIELDS = [("a", "u8"), ("b", "s16"), ("c", "s32"), ("d", "u64"), ("e", "u32"), ("f", "s32"),
                 ("h", "s64"), ("k", "u64"), ("l", "s32"), ("i.x", "s16"), ("i.y", "u64"),
                 ("i.z[1]", "u8"), ("i.w", "s8")]

# Arrays and structures, the latter with bit-fields and other structures inside; in MRAM too.
RECORDS = """
struct inner { s16 x; u64 y; u8 z[3]; s8 w : 5; };
struct record { u8 a; s16 b; s32 c; u64 d; u32 e : 5; s32 f : 11; s64 h : 37; u64 k : 50; s32 l : 9;
    struct inner i; };
struct record g = { 1, 2, 3, 4, 5, 6, -7, 8, -9,
    { 8, 9, { 10, 11, 12 }, -3 } };
struct record many[4];
MRAM struct record m_many[4];
union overlay { u64 wide; u32 half[2]; u8 byte[8]; s16 quarter[4]; };
struct packed { u8 a; u32 b; u64 c; s16 d; } __attribute__((packed));
"""

HELPERS = """
static s32 f64_to_s32(f64 x) { return x > -2.0e9 && x < 2.0e9 ? (s32)x : 7; }
static u32 f64_to_u32(f64 x) { return x >= 0.0 && x < 4.0e9 ? (u32)x : 9; }
static s64 f64_to_s64(f64 x) { return x > -9.0e18 && x < 9.0e18 ? (s64)x : 11; }
static u64 f32_to_u64(f32 x) { return x >= 0.0f && x < 1.8e19f ? (u64)x : 13; }
static void mix(u64 x) { checksum = checksum * 31 + (u32)(x ^ x >> 32); }
static void mix_f32(f32 x)
{
    u32 bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    mix(x != x ? 1 : bits);
}
static void mix_f64(f64 x)
{
    u64 bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    mix(x != x ? 1 : bits);
}
static __attribute__((noinline)) u64 gather(const char *kinds, ...)
{
    u64 sum = 0;
    __builtin_va_list list;
    __builtin_va_start(list, kinds);
    for (; *kinds; kinds++)
        switch (*kinds) {
        case 'i': sum = sum * 3 + (u64)__builtin_va_arg(list, s32); break;
        case 'u': sum = sum * 5 + __builtin_va_arg(list, u32); break;
        case 'l': sum = sum * 7 + (u64)__builtin_va_arg(list, s64); break;
        case 'd': sum = sum * 11 + (u64)f64_to_s64(__builtin_va_arg(list, f64)); break;
        case 'r': sum = sum * 13 + __builtin_va_arg(list, struct record).d; break;
        }
    __builtin_va_end(list);
    return sum;
}
static __attribute__((noinline)) struct record make_record(u32 a, struct record from, u64 d)
{
    from.a = (u8)a;
    from.d ^= d;
    from.i.y += a;
    return from;
}
static __attribute__((noinline)) u64 mix_record(const struct record *r)
{
    return (u64)r->a + (u64)r->b * 3 + (u64)r->c * 5 + r->d * 7 + r->e * 11 + (u64)r->f * 13 +
           (u64)r->h * 17 + (u64)r->k * 37 + (u64)r->l * 41 +
           (u64)r->i.x * 19 + r->i.y * 23 + r->i.z[2] * 29 + (u64)r->i.w * 31;
}
static u32 count_calls(void) { static u32 calls = 3; return calls++; }
static s32 op_0(s32 a, u64 b) { return (s32)((u32)a + (u32)b); }
static s32 op_1(s32 a, u64 b) { return (s32)((u32)a ^ (u32)(b >> 32)); }
static s32 op_2(s32 a, u64 b) { return (s32)(b % ((u32)a | 1u)); }
static s32 op_3(s32 a, u64 b) { return a < (s32)b; }
static s32 (*const ops[4])(s32, u64) = { op_0, op_1, op_2, op_3 };
static u64 unpack(u64 wide, u32 k)
{
    volatile union overlay o = { wide };
    volatile struct packed p = { (u8)k, (u32)wide, wide * 3, (s16)k };
    o.byte[k & 7] ^= 0x5a;
    o.quarter[k >> 3 & 3] -= 77;
    p.c += o.half[k & 1];
    return o.wide ^ p.c ^ p.b ^ (u64)p.d;
}
"""


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
        if choice < 0.46:
            return f"({kind})g.{self.pick(RECORD_FIELDS)[0]}"
        if choice < 0.50:
            return f"({kind})many[{self.pick(scope)} & 3].{self.pick(RECORD_FIELDS)[0]}"
        if choice < 0.54:
            return f"({kind})m_{self.pick(TYPES)}[{self.pick(scope)} & 7]"
        if choice < 0.56:
            return f"({kind})m_many[{self.pick(scope)} & 3].{self.pick(RECORD_FIELDS)[0]}"
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

    def real_leaf(self, scope, kind):
        choice = self.rng.random()
        if choice < 0.25 or not scope:
            return f"({kind}){self.pick(REALS)}"
        if choice < 0.65:
            return f"({kind})a_{self.pick(FLOATS)}[{self.pick(scope)} & 7]"
        if choice < 0.72:
            return f"({kind})m_{self.pick(FLOATS)}[{self.pick(scope)} & 7]"
        return f"({kind}){self.pick(scope)}"

    def real(self, scope, kind, depth):
        if depth == 0 or self.rng.random() < 0.15:
            return self.real_leaf(scope, kind)
        inner = self.pick([kind, kind, self.pick(FLOATS)])
        a = self.real(scope, inner, depth - 1)
        b = self.real(scope, inner, depth - 1)
        forms = [f"({a}) + ({b})", f"({a}) - ({b})", f"({a}) * ({b})", f"({a}) / ({b})", f"-({a})",
                 f"({a}) < ({b}) ? ({a}) : ({b})", f"({a}) >= ({b}) ? ({b}) : ({a})",
                 f"__builtin_fabs{'f' if inner == 'f32' else ''}({a})"]
        return f"({kind})({self.pick(forms)})"

    def from_real(self, scope, kind):
        source = self.pick(FLOATS)
        a, b = self.real(scope, source, 1), self.real(scope, source, 1)
        forms = [f"f64_to_s32({a})", f"f64_to_u32({a})", f"f64_to_s64({a})", f"f32_to_u64({a})",
                 f"({a}) {self.pick(['<', '<=', '>', '>=', '==', '!='])} ({b})",
                 f"!(({a}) {self.pick(['<', '<=', '>', '>='])} ({b}))"]
        return f"({kind})({self.pick(forms)})"

    # ---- statements ---------------------------------------------------------------------------

    def emit(self, indent, text):
        self.lines.append("    " * indent + text)

    def target(self, scope):
        choice = self.rng.random()
        if choice < 0.25:
            kind = self.pick(TYPES)
            return f"a_{kind}[{self.pick(scope)} & 7]", kind
        if choice < 0.40:
            field, kind = self.pick(RECORD_FIELDS)
            return self.pick(["g", f"many[{self.pick(scope)} & 3]",
                              f"m_many[{self.pick(scope)} & 3]"]) + f".{field}", kind
        if choice < 0.46:
            kind = self.pick(TYPES)
            return f"m_{kind}[{self.pick(scope)} & 7]", kind
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

    def special(self, indent, scope):
        """One of the statements that arithmetic does not need."""
        at, kind, real = self.pick(scope), self.pick(TYPES), self.pick(FLOATS)
        leaf = lambda wanted: self.leaf(scope, wanted)
        kinds = "".join(self.pick("iuldr") for _ in range(self.rng.randrange(7)))
        values = {"i": "s32", "u": "u32", "l": "s64"}
        arguments = "".join(", many[2]" if k == "r" else f", {self.real_leaf(scope, 'f64')}"
                            if k == "d" else f", {leaf(values[k])}" for k in kinds)
        records = ["g", f"many[{at} & 3]", f"m_many[{self.pick(scope)} & 3]"]
        count = self.rng.randrange(1, 5)
        forms = [
            f"a_{real}[{at} & 7] = {self.real(scope, real, 2)};",
            f"a_{real}[{at} & 7] = {self.real(scope, real, 2)};",
            f"m_{real}[{at} & 7] = {self.real(scope, real, 1)};",
            f"a_{kind}[{at} & 7] = {self.from_real(scope, kind)};",
            f"a_u64[{at} & 7] ^= gather(\"{kinds}\"{arguments});",
            f"many[{at} & 3] = make_record({leaf('u32')}, {self.pick(records)}, {leaf('u64')});",
            f"{self.pick(records)} = {self.pick(records)};",
            f"a_s32[{at} & 7] = ops[{self.pick(scope)} & 3]({leaf('s32')}, {leaf('u64')});",
            f"a_u32[{at} & 7] += count_calls();",
            f"a_u64[{at} & 7] = unpack({leaf('u64')}, {leaf('u32')});",
            f"a_u64[{at} & 7] += mix_record(&many[{self.pick(scope)} & 3]);",
            f"__builtin_memmove(&a_{kind}[{at} & 3], &a_{kind}[{self.pick(scope)} & 3], "
            f"{count} * sizeof(a_{kind}[0]));",
            f"{{ {kind} *p = &a_{kind}[{at} & 3]; p[{count - 1}] ^= *p; *p++ = {leaf(kind)}; "
            f"*p = p[{count - 1}]; }}",
            f"{{ MRAM_POINTER {kind} *p = &m_{kind}[{at} & 3]; p[{count - 1}] ^= *p; "
            f"*p++ = {leaf(kind)}; }}",
            f"{{ volatile {kind} v = {leaf(kind)}; v ^= {leaf(kind)}; a_{kind}[{at} & 7] = v; }}",
        ]
        self.emit(indent, self.pick(forms))

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
            elif choice < 0.65:
                self.special(indent, scope)
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
        recurses = parameters[0] == "u32" and storage.endswith("noinline)) ")
        if recurses:
            self.emit(1, "u32 depth = p0_u32 & 3;")
        scope = list(names)
        for i in range(self.rng.randrange(1, 6)):
            kind = self.pick(TYPES)
            name = f"v{i}_{kind}"
            self.emit(1, f"{kind} {name} = {self.expression(scope, kind, 2)};")
            scope.append(name)
        self.block(1, scope, 2)
        if recurses:
            arguments = ", ".join(self.leaf(scope, p) for p in parameters[1:])
            self.emit(1, f"if (depth) {names[-1]} ^= ({parameters[-1]})"
                         f"f{number}(depth - 1{', ' * bool(arguments)}{arguments});")
        self.emit(1, f"return {self.expression(scope, result, 2)};")
        self.emit(0, "}")
        self.functions.append((f"f{number}", parameters))

    def text(self):
        self.emit(0, "#ifdef HOST")
        self.emit(0, "#define MRAM")
        self.emit(0, "#define MRAM_POINTER")
        self.emit(0, "int printf(const char *, ...);")
        self.emit(0, "#else")
        self.emit(0, "#define MRAM_POINTER __attribute__((address_space(255)))")
        self.emit(0, '#define MRAM MRAM_POINTER '
                     '__attribute__((used, aligned(8), section(".mram")))')
        self.emit(0, '__attribute__((used, aligned(8), section(".dpu_host")))')
        self.emit(0, "#endif")
        self.emit(0, "unsigned checksum;")
        for name, full in TYPES.items():
            self.emit(0, f"typedef {full} {name};")
            for where in (f"{name} a", f"MRAM {name} m"):
                values = ", ".join(self.constant(name) for _ in range(8))
                self.emit(0, f"{where}_{name}[8] = {{ {values} }};")
        for name, full in FLOATS.items():
            self.emit(0, f"typedef {full} {name};")
            for where in (f"{name} a", f"MRAM {name} m"):
                values = ", ".join(self.pick(REALS) for _ in range(8))
                self.emit(0, f"{where}_{name}[8] = {{ {values} }};")
        self.lines += RECORDS.splitlines() + HELPERS.splitlines()
        for kind in ("s32", "s64"):
            for name, operator in (("divide", "/"), ("rest", "%")):
                self.emit(0, f"static {kind} {name}_{kind}({kind} a, {kind} b)")
                self.emit(0, f"{{ return b == 0 || b == -1 ? a : a {operator} b; }}")
        for number in range(self.rng.randrange(3, 7)):
            self.function(number)
        self.emit(0, "int main(void)")
        self.emit(0, "{")
        for name, parameters in self.functions:
            for _ in range(2):
                arguments = ", ".join(self.constant(p) for p in parameters)
                self.emit(1, f"mix((u64){name}({arguments}));")
        for kind in TYPES:
            self.emit(1, f"for (u32 i = 0; i < 8; i++) mix((u64)a_{kind}[i]);")
            self.emit(1, f"for (u32 i = 0; i < 8; i++) mix((u64)m_{kind}[i]);")
        for kind in FLOATS:
            self.emit(1, f"for (u32 i = 0; i < 8; i++) mix_{kind}(a_{kind}[i]);")
            self.emit(1, f"for (u32 i = 0; i < 8; i++) mix_{kind}(m_{kind}[i]);")
        self.emit(1, "mix(mix_record(&g));")
        self.emit(1, "for (u32 i = 0; i < 4; i++) mix(mix_record(&many[i]));")
        self.emit(1, "for (u32 i = 0; i < 4; i++) { g = m_many[i]; mix(mix_record(&g)); }")
        self.emit(0, "#ifdef HOST")
        self.emit(1, 'printf("%u\\n", checksum);')
        self.emit(0, "#endif")
        self.emit(1, "return 0;")
        self.emit(0, "}")
        return "\n".join(self.lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(Program(int(sys.argv[1])).text())
