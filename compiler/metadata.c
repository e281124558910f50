/* SPDX-License-Identifier: MIT */
/* Nodes of debug metadata from their printed form. A node alone prints links to others as their
 * addresses, "<0x55d0>", which are the references of the C interface. */
#include <llvm-c/DebugInfo.h>
#include <stdlib.h>
#include <string.h>

#include "metadata.h"

struct meta meta_read(struct arena *arena, LLVMContextRef context, LLVMMetadataRef node)
{
    if (!node)
        return (struct meta){NULL, ""};
    char *printed = LLVMPrintValueToString(LLVMMetadataAsValue(context, node));
    const char *body = strstr(printed, " = ");
    body = body ? body + 3 : printed;
    if (strncmp(body, "distinct ", 9) == 0)
        body += 9;
    const char *text = arena_format(arena, "%s", body);
    LLVMDisposeMessage(printed);
    return (struct meta){node, text};
}

bool meta_is(struct meta meta, const char *class_name)
{
    size_t len = strlen(class_name);
    return meta.text[0] == '!' && strncmp(meta.text + 1, class_name, len) == 0 &&
           meta.text[1 + len] == '(';
}

static const char *past_string(const char *at)
{
    for (at++; *at && *at != '"'; at++)
        ;
    return *at ? at + 1 : at;
}

/* The value of a field, not one of a node inside. */
static const char *field_value(struct meta meta, const char *field)
{
    size_t len = strlen(field);
    unsigned depth = 0;
    for (const char *at = meta.text; *at;) {
        bool first = *at == '(' || *at == ' ';
        depth += *at == '(';
        depth -= *at == ')';
        at = *at == '"' ? past_string(at) : at + 1;
        if (first && depth == 1 && strncmp(at, field, len) == 0 && at[len] == ':')
            return at + len + 2;
    }
    return NULL;
}

static unsigned hex_digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

const char *meta_string(struct arena *arena, struct meta meta, const char *field)
{
    const char *at = field_value(meta, field);
    if (!at || *at != '"')
        return NULL;
    const char *end = past_string(at++) - 1;
    char *text = arena_alloc(arena, (size_t)(end - at) + 1), *out = text;
    while (at < end)
        if (*at == '\\' && end - at > 2) {
            *out++ = (char)(hex_digit(at[1]) << 4 | hex_digit(at[2]));
            at += 3;
        } else
            *out++ = *at++;
    return text;
}

int64_t meta_number(struct meta meta, const char *field, int64_t absent)
{
    const char *at = field_value(meta, field);
    if (!at || (*at != '-' && (*at < '0' || *at > '9')))
        return absent;
    return *at == '-' ? strtoll(at, NULL, 10) : (int64_t)strtoull(at, NULL, 10);
}

bool meta_has_word(struct meta meta, const char *field, const char *word)
{
    const char *at = field_value(meta, field);
    size_t len = strlen(word);
    while (at && *at && *at != ',' && *at != ')') {
        size_t here = strcspn(at, " ,)");
        if (here == len && memcmp(at, word, len) == 0)
            return true;
        at += here;
        at += strspn(at, " |");
    }
    return false;
}

LLVMMetadataRef meta_link(struct meta meta, const char *field)
{
    const char *at = field_value(meta, field);
    if (!at || strncmp(at, "<0x", 3) != 0)
        return NULL;
    return (LLVMMetadataRef)(uintptr_t)strtoull(at + 1, NULL, 16);
}

unsigned meta_list(struct arena *arena, LLVMContextRef context, LLVMMetadataRef list,
                   LLVMMetadataRef **items)
{
    if (!list)
        return 0;
    LLVMValueRef value = LLVMMetadataAsValue(context, list);
    unsigned count = LLVMGetMDNodeNumOperands(value);
    LLVMValueRef *values = arena_alloc(arena, (count + 1) * sizeof(LLVMValueRef));
    LLVMGetMDNodeOperands(value, values);
    *items = arena_alloc(arena, (count + 1) * sizeof(LLVMMetadataRef));
    for (unsigned i = 0; i < count; i++)
        (*items)[i] = values[i] ? LLVMValueAsMetadata(values[i]) : NULL;
    return count;
}
