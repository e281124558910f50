/* SPDX-License-Identifier: MIT */
/* Results of two runs of a campaign: what differs, and how much. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "campaign.h"

static void differs(struct campaign_row *row, double difference)
{
    row->elements++;
    if (difference > row->magnitude)
        row->magnitude = difference;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static double value_at(const uint8_t *bytes, unsigned width_bytes, char letter)
{
    uint64_t word = 0;
    float single;
    double twin;
    memcpy(&word, bytes, width_bytes);
    memcpy(&single, bytes, width_bytes < sizeof single ? width_bytes : sizeof single);
    memcpy(&twin, &word, sizeof twin);
    if (letter == 'f')
        return width_bytes == sizeof single ? (double)single : twin;
    unsigned unused = 64 - 8 * width_bytes;
    return letter == 'i' ? (double)((int64_t)(word << unused) >> unused) : (double)word;
}

void campaign_compare_bytes(struct campaign_row *row, struct isa_bytes then, struct isa_bytes now,
                            unsigned width_bytes, char letter)
{
    size_t both = then.len_bytes < now.len_bytes ? then.len_bytes : now.len_bytes;
    size_t longer = then.len_bytes + now.len_bytes - both, at = 0;
    if (then.len_bytes == now.len_bytes && memcmp(now.data, then.data, both) == 0)
        return;
    for (; at + width_bytes <= both; at += width_bytes)
        if (memcmp(now.data + at, then.data + at, width_bytes) != 0)
            differs(row, fabs(value_at(now.data + at, width_bytes, letter) -
                              value_at(then.data + at, width_bytes, letter)));
    bool rest = both > at && memcmp(now.data + at, then.data + at, both - at) != 0;
    row->elements += rest + (longer - both + width_bytes - 1) / width_bytes;
}

/* ---- text ------------------------------------------------------------------------------------ */

/* The next word at *text, of *len characters; NULL: there is none. */
static const char *next_word(const char **text, size_t *len)
{
    const char *start = *text;
    while (isspace((unsigned char)*start))
        start++;
    *len = 0;
    while (start[*len] && !isspace((unsigned char)start[*len]))
        ++*len;
    *text = start + *len;
    return *len ? start : NULL;
}

static bool is_number(const char *word, size_t len, double *value)
{
    char copy[64], *end;
    if (len >= sizeof copy)
        return false;
    memcpy(copy, word, len);
    copy[len] = '\0';
    *value = strtod(copy, &end);
    return end != copy && !isalnum((unsigned char)*end);
}

void campaign_compare_text(struct campaign_row *row, const char *then, const char *now)
{
    size_t then_len, now_len;
    if (strcmp(then, now) == 0)
        return;
    uint64_t before = row->elements;
    for (;;) {
        const char *a = next_word(&then, &then_len), *b = next_word(&now, &now_len);
        double x, y;
        if (!a && !b)
            break;
        if (a && b && then_len == now_len && memcmp(a, b, then_len) == 0)
            continue;
        bool numbers = a && b && is_number(a, then_len, &x) && is_number(b, now_len, &y);
        differs(row, numbers ? fabs(x - y) : 0);
    }
    row->elements += row->elements == before; /* only blanks */
}
