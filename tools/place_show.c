/* SPDX-License-Identifier: MIT */
/* Showing the values at a place, as text or as JSON, in pieces: a symbol may fill all of MRAM. */
#include <string.h>

#include "place.h"

enum { PIECE_BYTES = 4096 };

struct value {
    uint64_t bits; /* zero-extended */
    int64_t integer;
    double real;
};

static struct value value_at(const struct place *place, const uint8_t *bytes)
{
    struct value value = {0};
    unsigned unused = 64 - place->width_bytes * 8;
    float narrow;
    for (unsigned i = 0; i < place->width_bytes; i++)
        value.bits |= (uint64_t)bytes[i] << (8 * i);
    value.integer = (int64_t)(value.bits << unused) >> unused;
    if (place->letter == 'f' && place->width_bytes == 4) {
        memcpy(&narrow, bytes, 4);
        value.real = narrow;
    } else if (place->letter == 'f') {
        memcpy(&value.real, bytes, 8);
    }
    return value;
}

/* Digits that give back the same number. */
static int digits_of(const struct place *place)
{
    return place->width_bytes == 4 ? 9 : 17;
}

static void print_value(const struct place *place, struct value value, FILE *out)
{
    if (place->letter == 'f')
        fprintf(out, "%.*g", digits_of(place), value.real);
    else if (place->letter == 'i')
        fprintf(out, "%lld", (long long)value.integer);
    else if (place->letter == 'x')
        fprintf(out, "0x%0*llx", (int)place->width_bytes * 2, (unsigned long long)value.bits);
    else
        fprintf(out, "%llu", (unsigned long long)value.bits);
}

static void json_value(const struct place *place, struct value value, struct json *json)
{
    if (place->letter == 'f')
        json_number(json, NULL, value.real, digits_of(place));
    else if (place->letter == 'i')
        json_i64(json, NULL, value.integer);
    else
        json_u64(json, NULL, value.bits);
}

/* Exactly one of out and json is used. */
static enum dpusim_status walk(const struct place *place, const struct sim_dpu *dpu, FILE *out,
                               struct json *json, struct isa_diag *diag)
{
    uint8_t piece[PIECE_BYTES];
    uint64_t total = place->count * place->width_bytes;
    uint32_t start = place->start_bytes + place->skipped_bytes;
    for (uint64_t done = 0; done < total; done += PIECE_BYTES) {
        size_t len = total - done < PIECE_BYTES ? (size_t)(total - done) : PIECE_BYTES;
        enum dpusim_status status =
            sim_dpu_read(dpu, place->memory, start + (uint32_t)done, piece, len, diag);
        if (status)
            return status;
        for (size_t at = 0; at < len; at += place->width_bytes) {
            if (json) {
                json_value(place, value_at(place, piece + at), json);
                continue;
            }
            if (done + at)
                fputc(' ', out);
            print_value(place, value_at(place, piece + at), out);
        }
    }
    return DPUSIM_OK;
}

enum dpusim_status place_print(const struct place *place, const struct sim_dpu *dpu, FILE *out,
                               struct isa_diag *diag)
{
    return walk(place, dpu, out, NULL, diag);
}

enum dpusim_status place_json(const struct place *place, const struct sim_dpu *dpu,
                              struct json *json, const char *key, struct isa_diag *diag)
{
    json_open(json, key, '[');
    enum dpusim_status status = walk(place, dpu, NULL, json, diag);
    json_close(json, ']');
    return status;
}
