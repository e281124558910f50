/* SPDX-License-Identifier: MIT */
/* Types as people write them. Pointers and arrays stand behind what they are of: "int *[4]" is an
 * array of pointers, "int[4] *" a pointer to an array. */
#include <stdio.h>

#include "text.h"

enum { MOST_NESTED = 32 };

static void put(struct isa_text *out, const struct isa_type *type, unsigned depth);

static void put_function(struct isa_text *out, const struct isa_type *type, unsigned depth)
{
    put(out, type->target, depth);
    isa_text_add(out, "(");
    for (size_t i = 0; i < type->n_members; i++) {
        isa_text_add(out, i ? ", " : "");
        put(out, type->members[i].type, depth);
    }
    isa_text_add(out, type->is_variadic ? ", ...)" : ")");
}

/* Dimensions from the outermost on, behind the innermost element. */
static void put_array(struct isa_text *out, const struct isa_type *type, unsigned depth)
{
    const struct isa_type *element = type;
    unsigned i = 0;
    for (; element && element->kind == ISA_TYPE_ARRAY && i < MOST_NESTED; i++)
        element = element->target;
    put(out, element, depth + i);
    for (element = type; i > 0; i--, element = element->target)
        isa_text_add(out, element->count ? "[%llu]" : "[]", (unsigned long long)element->count);
}

static void put_tagged(struct isa_text *out, const char *word, const struct isa_type *type)
{
    isa_text_add(out, *type->name ? "%s %s" : "%s", word, type->name);
}

static void put(struct isa_text *out, const struct isa_type *type, unsigned depth)
{
    if (!type || depth > MOST_NESTED) {
        isa_text_add(out, "void");
        return;
    }
    switch (type->kind) {
    case ISA_TYPE_STRUCT:
        put_tagged(out, "struct", type);
        break;
    case ISA_TYPE_UNION:
        put_tagged(out, "union", type);
        break;
    case ISA_TYPE_ENUM:
        put_tagged(out, "enum", type);
        break;
    case ISA_TYPE_ARRAY:
        put_array(out, type, depth + 1);
        break;
    case ISA_TYPE_FUNCTION:
        put_function(out, type, depth + 1);
        break;
    case ISA_TYPE_POINTER:
        put(out, type->target, depth + 1);
        isa_text_add(out, type->is_mram ? " __mram_ptr *" : " *");
        break;
    case ISA_TYPE_NAMED:
        if (!*type->name) { /* a qualifier */
            put(out, type->target, depth + 1);
            break;
        }
        isa_text_add(out, "%s", type->name);
        break;
    default:
        isa_text_add(out, "%s", *type->name ? type->name : "void");
    }
}

int isa_type_text(const struct isa_type *type, char *buffer, size_t size)
{
    struct isa_text out = {buffer, size, 0};
    if (size)
        buffer[0] = '\0';
    put(&out, type, 0);
    return out.used;
}
