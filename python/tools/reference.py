#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reference of Python modules as Markdown: every public name with signature and description.

usage: scripts/python python/tools/reference.py TITLE MODULE... > page.md
"""
import enum
import importlib
import inspect
import re
import sys

#: What Python prints around names that a reader does not need.
NOISE = (
    (r"\b(?:dpu|dpusim)\._?\w+\.", ""), (r"ForwardRef\('([^']*)'\)", r"\1"),
    (r"(: |-> )'([\w.\[\]]*)'", r"\1\2"), (r"\btyping\.", ""), (r"\((?:self|cls)(?:, )?", "("),
    (r"\bNoneType\b", "None"),
)


def described(thing):
    """Its own docstring; not that of a base class, nor the one that NamedTuple writes."""
    text = inspect.cleandoc(thing.__doc__ or "") if getattr(thing, "__doc__", None) else ""
    return "" if text.startswith("Alias for field number") else text


def signature(name, function):
    try:
        text = str(inspect.signature(function))
    except (TypeError, ValueError):
        return name + "(...)"
    for pattern, replacement in NOISE:
        text = re.sub(pattern, replacement, text)
    return name + text


def block(text):
    """A docstring as it stands; its lists and doctests keep their columns."""
    return "```text\n%s\n```\n" % text if text else ""


def show_function(name, function, level):
    print("%s `%s`\n\n%s" % ("#" * level, signature(name, function), block(described(function))))


def members(kind):
    """(name, member) of what a class adds to its bases, in the order of the source."""
    for name, member in vars(kind).items():
        if not name.startswith("_"):
            yield name, member


def show_class(name, kind):
    if issubclass(kind, enum.Enum):
        print("### `class %s`\n\nMembers: %s\n" % (
            name, ", ".join("`%s`" % member for member in kind.__members__)))
        return
    fields = getattr(kind, "_fields", None)
    head = "class %s" % name if fields else "class " + signature(name, kind)
    print("### `%s`\n\n%s" % (head, block(described(kind))))
    if fields:
        print("Fields: %s\n" % ", ".join("`%s`" % field for field in fields))
    for member_name, member in members(kind):
        if isinstance(member, property):
            print("#### `%s.%s`\n\n%s" % (name, member_name, block(described(member))))
        elif isinstance(member, (staticmethod, classmethod)):
            show_function("%s.%s" % (name, member_name), member.__func__, 4)
        elif inspect.isfunction(member):
            show_function("%s.%s" % (name, member_name), member, 4)


def public(module):
    """(name, thing) of a module: __all__, else what it defines itself."""
    names = getattr(module, "__all__", None) or [
        name for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", None) == module.__name__]
    return [(name, getattr(module, name)) for name in names]


def show_module(name, told):
    module = importlib.import_module(name)
    print("## `%s`\n\n%s" % (name, block(described(module))))
    for thing_name, thing in public(module):
        if inspect.isclass(thing) or inspect.isfunction(thing):
            if thing in told:
                continue
            told.add(thing)
        if inspect.isclass(thing):
            show_class(thing_name, thing)
        elif inspect.isfunction(thing):
            show_function(thing_name, thing, 3)
        elif isinstance(thing, (int, str)):
            print("### `%s = %r`\n" % (thing_name, thing))


def main(title, *modules):
    print("# %s\n" % title)
    told = set()
    for name in modules:
        show_module(name, told)


if __name__ == "__main__":
    main(*sys.argv[1:])
