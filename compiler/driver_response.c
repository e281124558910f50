/* SPDX-License-Identifier: MIT */
/* Response files: @FILE on the command line stands for the words in it. Words end at white space;
 * quotes of both kinds keep it, a backslash keeps the next character. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"

/* The next word of the text into `word`, which has room for all of it; NULL: there is none. */
static const char *next_word(const char *p, const char *end, char *word)
{
    char quote = 0;
    while (p < end && isspace((unsigned char)*p))
        p++;
    if (p == end)
        return NULL;
    for (; p < end && (quote || !isspace((unsigned char)*p)); p++) {
        if (*p == '\\' && quote != '\'' && p + 1 < end)
            *word++ = *++p;
        else if (quote ? *p == quote : *p == '"' || *p == '\'')
            quote = quote ? 0 : *p;
        else
            *word++ = *p;
    }
    *word = '\0';
    return p;
}

static bool add_words_of(struct driver *d, const char *path, struct words *out, unsigned depth)
{
    enum { DEEPEST = 10 };
    struct isa_bytes text;
    if (depth > DEEPEST) {
        driver_error(d, "@%s: response files name each other without end", path);
        return false;
    }
    if (!driver_read(d, path, &text))
        return false;
    char *word = malloc(text.len_bytes + 1);
    const char *p = (const char *)text.data, *end = p + text.len_bytes;
    bool ok = word != NULL;
    while (ok && (p = next_word(p, end, word))) {
        if (word[0] == '@' && access(word + 1, R_OK) == 0)
            ok = add_words_of(d, word + 1, out, depth + 1);
        else
            words_add(out, text_format("%s", word));
    }
    free(word);
    free((void *)text.data);
    return ok;
}

bool driver_expand(struct driver *d, int argc, char **argv, struct words *out)
{
    for (int i = 0; i < argc; i++) {
        if (i && argv[i][0] == '@' && access(argv[i] + 1, R_OK) == 0) {
            if (!add_words_of(d, argv[i] + 1, out, 0))
                return false;
        } else
            words_add(out, argv[i]);
    }
    return true;
}
