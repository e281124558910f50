#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write a ctypes module from C headers, so that no declaration is kept twice.

    bindgen.py --library NAME [--cc CC] [-I DIR]... [--own DIR]... HEADER... > module.py

The headers are run through the C preprocessor with small stand-ins for the C library's headers,
and parsed with pycparser. The module holds, under the names of C (tags as ``struct_TAG``,
``union_TAG``, ``enum_TAG``): structures, unions, typedefs, enumerators, every function with its
argument and result types, and those macros of the headers below the ``--own`` directories that are
an integer or a string. Left out: bodies of inline functions, macros with arguments.

How pointers to char become Python: ``const char *`` is ``c_char_p`` (bytes); so are ``char *``
parameters and fields. ``char *`` results and what ``char **`` points to are ``POINTER(c_char)``,
because their owner has to release them.
"""
import argparse
import ast
import os
import re
import subprocess
import sys
import tempfile

try:
    from pycparser import c_ast, c_parser
except ImportError:
    sys.exit("bindgen.py: pycparser is missing; install it with: sh scripts/packages.sh python")

# Enough of the C library to parse declarations. Types named here have a ctypes type of that width.
STAND_INS = {
    "stdint.h": """
        typedef signed char int8_t; typedef unsigned char uint8_t;
        typedef short int16_t; typedef unsigned short uint16_t;
        typedef int int32_t; typedef unsigned int uint32_t;
        typedef long int64_t; typedef unsigned long uint64_t;
        typedef long intptr_t; typedef unsigned long uintptr_t;
        #define UINT8_MAX 255
        #define UINT16_MAX 65535
        #define UINT32_MAX 4294967295U
        #define UINT64_MAX 18446744073709551615UL
        #define INT32_MAX 2147483647
        """,
    "stddef.h": "typedef unsigned long size_t;\n#define NULL ((void *)0)",
    "stdbool.h": "#define bool _Bool\n#define true 1\n#define false 0",
    "stdio.h": '#include "stddef.h"\ntypedef struct FILE FILE;',
    "stdarg.h": "typedef void *va_list;",
    "sys/types.h": '#include "stddef.h"\ntypedef long ssize_t;',
    "limits.h": "#define UINT_MAX 4294967295U\n#define INT_MAX 2147483647\n#define CHAR_BIT 8",
    "inttypes.h": '#include "stdint.h"',
    "stdlib.h": '#include "stddef.h"\n#define EXIT_FAILURE 1\n#define EXIT_SUCCESS 0',
    "string.h": '#include "stddef.h"',
    "assert.h": "",
}
CTYPES = {
    "void": "None", "_Bool": "c_bool", "char": "c_char", "signed char": "c_int8",
    "unsigned char": "c_uint8", "short": "c_int16", "unsigned short": "c_uint16", "int": "c_int",
    "signed": "c_int", "unsigned": "c_uint", "unsigned int": "c_uint", "long": "c_int64",
    "unsigned long": "c_uint64", "long long": "c_int64", "unsigned long long": "c_uint64",
    "float": "c_float", "double": "c_double",
}  # fmt: skip
NAMED = {
    "int8_t": "c_int8", "uint8_t": "c_uint8", "int16_t": "c_int16", "uint16_t": "c_uint16",
    "int32_t": "c_int32", "uint32_t": "c_uint32", "int64_t": "c_int64", "uint64_t": "c_uint64",
    "size_t": "c_size_t", "ssize_t": "c_ssize_t", "intptr_t": "c_ssize_t",
    "uintptr_t": "c_size_t", "va_list": "c_void_p",
}  # fmt: skip
PYTHON = {"c_bool": "bool", "c_float": "float", "c_double": "float", "c_char_p": "bytes"}

PROLOGUE = '''\
# Written by bindgen.py from {headers}; changes here are lost.
"""The C interface of {library} as ctypes: the names and types of {headers}.

Tags read ``struct_TAG``, ``union_TAG`` and ``enum_TAG``; everything else has its name in C.
"""
import ctypes
from ctypes import (  # noqa: F401
    CFUNCTYPE, POINTER, Structure, Union, c_bool, c_char, c_char_p, c_double, c_float, c_int,
    c_int8, c_int16, c_int32, c_int64, c_size_t, c_ssize_t, c_uint, c_uint8, c_uint16, c_uint32,
    c_uint64, c_void_p,
)
from typing import Any, Callable, Dict

from dpusim import _library

library = _library.load("{library}")


def _function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    return _library.function(library, name, result, arguments)

'''


class Types:
    """Turns C types into ctypes expressions; knows the tags and typedefs seen so far."""

    def __init__(self, out):
        self.out = out
        self.constants = {}  # enumerators
        self.typedefs = {}  # name -> declared type, to see through char and void
        self.defined = set()  # tags already written
        self.incomplete = []  # tags mentioned, in order
        self.enums = set()  # tags of enums
        self.anonymous = 0

    # -- constants -------------------------------------------------------------------------------

    def value(self, node):
        """Value of an integer constant expression; ValueError when it is none."""
        if isinstance(node, c_ast.Constant) and node.type not in ("string", "float", "double"):
            if node.value.startswith("'"):
                return ord(node.value[1:-1])
            return int(re.sub("[uUlL]+$", "", node.value), 0)
        if isinstance(node, c_ast.ID) and node.name in self.constants:
            return self.constants[node.name]
        if isinstance(node, c_ast.UnaryOp) and node.op in "-+~":
            return {"-": int.__neg__, "+": int.__pos__, "~": int.__invert__}[node.op](
                self.value(node.expr))
        if isinstance(node, c_ast.BinaryOp):
            return self.binary(node.op, self.value(node.left), self.value(node.right))
        if isinstance(node, c_ast.Cast):
            return self.cast(self.of(node.to_type.type), self.value(node.expr))
        raise ValueError("not an integer constant")

    @staticmethod
    def binary(op, left, right):
        operations = {
            "+": left.__add__, "-": left.__sub__, "*": left.__mul__, "<<": left.__lshift__,
            ">>": left.__rshift__, "|": left.__or__, "&": left.__and__, "/": left.__floordiv__,
        }  # fmt: skip
        if op not in operations:
            raise ValueError("operator " + op)
        return operations[op](right)

    @staticmethod
    def cast(name, value):
        match = re.fullmatch(r"c_(u?)int(\d*)", name)
        if not match:
            raise ValueError("cast to " + name)
        bits = int(match.group(2) or 32)
        value &= (1 << bits) - 1
        return value if match.group(1) or not value >> (bits - 1) else value - (1 << bits)

    # -- types -----------------------------------------------------------------------------------

    def of(self, node, place=""):
        """ctypes expression of a type; place is "result", "parameter", "pointee" or ""."""
        if isinstance(node, c_ast.TypeDecl):
            return self.of(node.type, place)
        if isinstance(node, c_ast.IdentifierType):
            return self.of_name(" ".join(node.names))
        if isinstance(node, c_ast.PtrDecl):
            return self.of_pointer(node.type, place)
        if isinstance(node, c_ast.ArrayDecl):
            return self.of_array(node, place)
        if isinstance(node, c_ast.FuncDecl):
            return self.of_function_type(node)
        if isinstance(node, c_ast.Enum):
            return self.enum(node)
        return self.aggregate(node)

    def of_name(self, name):
        if name in NAMED:
            return NAMED[name]
        words = [word for word in name.split() if word != "int"]
        return CTYPES.get(name) or CTYPES.get(" ".join(words)) or name

    def resolve(self, node):
        """The type behind typedefs."""
        while isinstance(node, c_ast.TypeDecl):
            node = node.type
            if isinstance(node, c_ast.IdentifierType) and node.names[0] in self.typedefs:
                node = self.typedefs[node.names[0]]
        return node

    def of_pointer(self, target, place):
        real = self.resolve(target)
        if isinstance(real, c_ast.FuncDecl):
            return self.of(real if not isinstance(target, c_ast.TypeDecl) else target)
        if isinstance(real, c_ast.IdentifierType) and real.names == ["void"]:
            return "c_void_p"
        if isinstance(real, c_ast.IdentifierType) and real.names == ["char"]:
            constant = "const" in getattr(target, "quals", [])
            owned = place in ("result", "pointee") and not constant
            return "POINTER(c_char)" if owned else "c_char_p"
        return "POINTER(%s)" % self.of(target, "pointee")

    def of_array(self, node, place):
        if place == "parameter" or node.dim is None:
            return self.of_pointer(node.type, place)
        return "%s * %s" % (self.of(node.type), self.length(node.dim))

    def length(self, node):
        """Length of an array as a Python expression."""
        if isinstance(node, c_ast.UnaryOp) and node.op == "sizeof":
            return "ctypes.sizeof(%s)" % self.of(getattr(node.expr, "type", node.expr))
        if isinstance(node, c_ast.BinaryOp):
            operator = node.op.replace("/", "//")
            return "(%s %s %s)" % (self.length(node.left), operator, self.length(node.right))
        return str(self.value(node))

    def parameters(self, node):
        every = node.args.params if node.args else []
        return [self.of(p.type, "parameter") for p in every
                if not isinstance(p, c_ast.EllipsisParam) and not self.is_void(p)]

    @staticmethod
    def is_void(parameter):
        kind = getattr(parameter.type, "type", None)
        return isinstance(kind, c_ast.IdentifierType) and kind.names == ["void"]

    def of_function_type(self, node):
        return "CFUNCTYPE(%s)" % ", ".join([self.of(node.type, "result")] + self.parameters(node))

    def enum(self, node):
        if node.values is None:
            return "enum_" + node.name if node.name in self.enums else "c_uint"
        next_value, names = 0, []
        for item in node.values.enumerators:
            if item.value is not None:
                next_value = self.value(item.value)
            self.constants[item.name] = next_value
            names.append(item.name)
            next_value += 1
        kind = "c_int" if any(self.constants[name] < 0 for name in names) else "c_uint"
        for name in names:
            self.out("%s = %d" % (name, self.constants[name]))
        if node.name:
            self.enums.add(node.name)
            self.out("enum_%s = %s" % (node.name, kind))
            self.out("ENUMS[%r] = dict(%s)" % (node.name, ", ".join(
                "%s=%d" % (name, self.constants[name]) for name in names)))
            return "enum_" + node.name
        return kind

    def aggregate(self, node):
        kind, base = (("struct", "Structure") if isinstance(node, c_ast.Struct)
                      else ("union", "Union"))
        if not node.name:
            self.anonymous += 1
        name = "%s_%s" % (kind, node.name or "anonymous_%d" % self.anonymous)
        if node.decls is None:
            if name not in self.incomplete:
                self.incomplete.append(name)
                self.out("class %s(%s):\n    pass\n" % (name, base))
            return name
        if name not in self.defined:
            self.defined.add(name)
            self.define(name, base, node)
        return name

    def define(self, name, base, node):
        fields, hidden = [], []
        for number, decl in enumerate(node.decls):
            field = decl.name or "_anonymous_%d" % number
            if not decl.name:
                hidden.append(field)
            bits = ", %d" % self.value(decl.bitsize) if decl.bitsize else ""
            fields.append((field, self.of(decl.type), bits))
        if name not in self.incomplete:
            self.incomplete.append(name)
            self.out("class %s(%s):\n    pass\n" % (name, base))
        if hidden:
            self.out("%s._anonymous_ = %r" % (name, tuple(hidden)))
        self.out("%s._fields_ = [" % name)
        for field, kind, bits in fields:
            self.out("    (%r, %s%s)," % (field, kind, bits))
        self.out("]")


def preprocess(options, flags, more=""):
    """Output of the C preprocessor, with our stand-ins, for the headers followed by more text."""
    text = "".join('#include "%s"\n' % os.path.abspath(header) for header in options.headers) + more
    with tempfile.TemporaryDirectory() as folder:
        for name, content in STAND_INS.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as file:
                file.write("#ifndef STAND_IN_%s\n#define STAND_IN_%s\n%s\n#endif\n" % (
                    (re.sub("[^a-z]", "_", name),) * 2 + (re.sub("(?m)^ +", "", content),)))
        command = options.cc.split() + ["-E", *flags, "-nostdinc", "-U__GNUC__", "-I" + folder]
        command += ["-I" + folder for folder in options.include] + ["-x", "c", "-"]
        command += ["-D__attribute__(x)=", "-D__extension__=", "-D__restrict=", "-D__inline=inline"]
        done = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout


def own_macros(options):
    """Names of the object-like macros of the headers below the --own directories."""
    own = tuple(os.path.abspath(folder) + os.sep for folder in options.own)
    ours = False
    for line in preprocess(options, ["-dD"]).splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            ours = os.path.abspath(marker.group(1)).startswith(own)
        match = re.match(r"#define (\w+) \S", line)
        if match and ours:
            yield match.group(1)


def macro_constants(options, types):
    """(name, value) of the macros of our own headers that are an integer or a string."""
    probe = "".join('"@%s" %s ;\n' % (name, name) for name in own_macros(options))
    parser = c_parser.CParser()
    for name, body in re.findall(r'"@(\w+)" ([^;]*);', preprocess(options, ["-P"], probe)):
        try:
            tree = parser.parse(STAND_INS["stdint.h"].split("#")[0] + "int x = %s;" % body)
            value = tree.ext[-1].init
            is_text = isinstance(value, c_ast.Constant) and value.type == "string"
            yield name, ast.literal_eval(value.value) if is_text else types.value(value)
        except (ValueError, c_parser.ParseError):
            continue  # no constant


def declarations(tree, types, out):
    for node in tree.ext:
        if isinstance(node, c_ast.Typedef):
            typedef(node, types, out)
        elif isinstance(node, c_ast.Decl) and isinstance(node.type, c_ast.FuncDecl):
            arguments = [types.of(node.type.type, "result")] + types.parameters(node.type)
            out("%s = _function(%r, %s)" % (node.name, node.name, ", ".join(arguments)))
        elif isinstance(node, c_ast.Decl) and isinstance(
                node.type, (c_ast.Struct, c_ast.Union, c_ast.Enum)):
            types.of(node.type)


def typedef(node, types, out):
    types.typedefs[node.name] = node.type
    expression = types.of(node.type)
    if node.name not in NAMED and expression != node.name:
        out("%s = %s" % (node.name, expression))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", required=True, help="name without lib and .so")
    parser.add_argument("--cc", default=os.environ.get("CC", "cc"))
    parser.add_argument("-I", dest="include", action="append", default=[])
    parser.add_argument("--own", action="append", default=[], help="macros of headers below it")
    parser.add_argument("headers", nargs="+")
    options = parser.parse_args()
    lines = []
    types = Types(lines.append)
    names = ", ".join(os.path.basename(header) for header in options.headers)
    lines.append(PROLOGUE.format(headers=names, library=options.library))
    lines.append("ENUMS: Dict[str, Dict[str, int]] = {}")
    tree = c_parser.CParser().parse(preprocess(options, ["-P"]))
    declarations(tree, types, lines.append)
    for name, value in macro_constants(options, types):
        lines.append("%s = %r" % (name, value))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
