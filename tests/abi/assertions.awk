# SPDX-License-Identifier: MIT
# Writes the static assertions of one public header, to be compiled as C11 and as C++17.
#   usage: awk -v header=dpu.h -f tests/abi/assertions.awk tests/data/c-api.tsv
# A row of the table becomes: size and alignment of a struct, offset and type of a field, value of
# an enumerator, size and sign of an enum, type of a typedef, value of a macro, a second declaration
# of a function. Only `header` is included, so every name must come from the header that its row
# says. The last line counts the claims.
BEGIN {
    FS = "\t"
    print "#include <" header ">"
    print "#include \"abi_checks.h\""
}

function quoted(text)
{
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}

function claim(condition)
{
    printf "static_assert(%s, %s);\n", condition, quoted($2 ": " condition)
    claims++
}

function same_type(object, type)
{
    gsub(/_Bool/, "bool", type)
    printf "SAME_TYPE(%s, %s);\n", object, type
    claims++
}

function declare(how)
{
    printf "EXISTS(%s);\n%s(%s);\n", $2, how, $5
    claims++
}

function defined()
{
    printf "#ifndef %s\n#error \"%s is not defined\"\n#endif\n", $2, $2
    claims++
}

$3 != header { next }
$1 == "function" { declare("DECLARE") }
$1 == "inline" { declare("DECLARE_INLINE") }
$1 == "typedef" { same_type("ABI_VALUE(" $2 ")", $5) }
$1 == "variable" { same_type($2, $5) }

$1 == "enum" {
    claim("sizeof(enum " $2 ") == 4")
    claim(($5 ~ /unsigned/ ? "!" : "") "IS_SIGNED(enum " $2 ")")
}
$1 == "enumerator" {
    number = $6
    sub(/ .*/, "", number)
    claim($2 " == " (number == "-2147483648" ? "INT_MIN" : number))
}

$1 == "struct" {
    type_of[$2] = $5 ~ /^struct / ? $5 : $2
    split($6, word, " ")
    claim("sizeof(" type_of[$2] ") == " word[2])
    claim("alignof(" type_of[$2] ") == " word[4])
}
$1 == "field" {
    dot = index($2, ".")
    type = type_of[substr($2, 1, dot - 1)]
    path = substr($2, dot + 1)
    claim("offsetof(" type ", " path ") == " $6)
    if ($5 !~ /\{\.\.\.\}/)
        same_type("ABI_VALUE(" type ")." path, $5)
}

# The value is the whole column or what follows its last "= "; else only the name is known.
$1 == "macro" {
    defined()
    value = $6
    sub(/^.* = /, "", value)
    if (value ~ /^"/) {
        printf "SAME_TEXT(%s, %s);\n", $2, value
        claims++
    } else if (value ~ /^(0x[0-9a-f]+|[0-9]+|UINT_MAX|\(uint16_t\)-1)$/) {
        claim($2 " == " value)
    }
}

END { print "/* claims: " claims + 0 " */" }
