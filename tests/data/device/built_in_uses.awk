# SPDX-License-Identifier: MIT
# A function for each macro of built_ins.h, which uses it; CONDITION is the condition where there is
# one. Letters of the macro's last part are the kinds of its operands; k: a word of the assembler.
BEGIN {
    print "#include <built_ins.h>\n#include <stdint.h>"
    print "volatile uint32_t narrow;\nvolatile uint64_t wide;"
    print "#define ARGUMENTS uint32_t ra, uint32_t rb, uint64_t db"
    value["imm"] = value["off"] = "\"8\""
    value["immDma"] = "\"1\""
    value["shift"] = "\"3\""
    value["endian"] = "\"!little\""
    value["pc"] = "\". + 1\""
}
/^#define __builtin_/ {
    match($0, /\(.*\)/)
    count = split(substr($0, RSTART + 1, RLENGTH - 2), operand, /, */)
    name = shape = substr($2, 1, index($2, "(") - 1)
    sub(/.*_/, "", shape)
    condition = name ~ /release/ ? "nz" : shape ~ /ci$/ ? "true" : CONDITION
    value["cc"] = "\"" condition "\""
    call = ""
    for (i = 1; i <= count; i++) {
        text = operand[i] in value ? value[operand[i]] : operand[i]
        call = call (i > 1 ? ", " : "") (substr(shape, i, 1) == "k" ? "\"id\"" : text)
    }
    print "void use_" name "(ARGUMENTS);\nvoid use_" name "(ARGUMENTS)\n{"
    print "    uint32_t rc = 1;\n    uint64_t dc = 2;\n    " name "(" call ");"
    print "    narrow = ra + rb + rc;\n    wide = db + dc;\n}"
}
