/* SPDX-License-Identifier: MIT */
/* Calls of the functions of string.h, ctype.h and stdlib.h on pseudo-random operands, folded into a
 * number for each function. Compiled for the DPU by same.c and for the host by
 * tests/test_runtime_same.c, which compares the numbers. */
#ifndef SAME_CASES_H
#define SAME_CASES_H

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum same_function {
#define SAME(name) SAME_##name,
#include "same.def"
#undef SAME
    SAME_COUNT
};

enum { SAME_TEXT = 24, SAME_ROUNDS = 400 };

struct same {
    uint32_t state, hash[SAME_COUNT];
    char a[SAME_TEXT], b[SAME_TEXT], room[3 * SAME_TEXT];
};

static uint32_t same_random(struct same *s)
{
    s->state = s->state * 1664525u + 1013904223u;
    return s->state >> 8;
}

static void same_fold(struct same *s, enum same_function function, uint64_t value)
{
    uint32_t hash = s->hash[function] ^ (uint32_t)value ^ (uint32_t)(value >> 32) * 31u;
    s->hash[function] = hash * 16777619u + 2166136261u;
}

static void same_fold_bytes(struct same *s, enum same_function function, const void *bytes,
                            size_t size)
{
    for (size_t i = 0; i < size; i++)
        same_fold(s, function, ((const unsigned char *)bytes)[i]);
}

/* Few letters, so that texts have much in common. */
static void same_text(struct same *s, char *text)
{
    static const char letters[] = "aab,;\377\200";
    uint32_t length = same_random(s) % SAME_TEXT;
    for (uint32_t i = 0; i < length; i++)
        text[i] = letters[same_random(s) % (sizeof letters - 1)];
    text[length] = 0;
}

#define SAME_PLACE(function, call)                                                                 \
    do {                                                                                           \
        const char *same_at = (call);                                                              \
        same_fold(s, SAME_##function, same_at ? (uint32_t)(same_at - s->a) : 999);                 \
    } while (0)
#define SAME_SIGN(function, call)                                                                  \
    do {                                                                                           \
        int same_value = (call);                                                                   \
        same_fold(s, SAME_##function, (uint32_t)((same_value > 0) - (same_value < 0)));            \
    } while (0)

static void same_searches(struct same *s, size_t size, int c)
{
    size_t within = size % (strlen(s->a) + 1);
    SAME_PLACE(memchr, (const char *)memchr(s->a, c, within));
    SAME_PLACE(strchr, strchr(s->a, c));
    SAME_PLACE(strrchr, strrchr(s->a, c));
    SAME_PLACE(strchr, strchr(s->a, 0));
    SAME_PLACE(strpbrk, strpbrk(s->a, s->b));
    SAME_PLACE(strstr, strstr(s->a, s->b));
    s->b[2] = 0;
    SAME_PLACE(strstr, strstr(s->a, s->b));
    SAME_PLACE(strpbrk, strpbrk(s->a, s->b));
    same_fold(s, SAME_strspn, strspn(s->a, s->b));
    same_fold(s, SAME_strcspn, strcspn(s->a, s->b));
    same_fold(s, SAME_strlen, strlen(s->a));
    same_fold(s, SAME_strnlen, strnlen(s->a, size));
}

static void same_comparisons(struct same *s, size_t size)
{
    size_t common = strlen(s->a) < strlen(s->b) ? strlen(s->a) : strlen(s->b);
    SAME_SIGN(strcmp, strcmp(s->a, s->b));
    SAME_SIGN(strcoll, strcoll(s->a, s->b));
    SAME_SIGN(strncmp, strncmp(s->a, s->b, size));
    SAME_SIGN(memcmp, memcmp(s->a, s->b, size % (common + 1)));
    strcpy(s->b, s->a);
    SAME_SIGN(strcmp, strcmp(s->a, s->b));
    SAME_SIGN(strncmp, strncmp(s->a, s->b, size));
}

/* The whole of `room` tells, so that bytes outside of the target are noticed. */
static void same_room(struct same *s, enum same_function function, size_t result)
{
    same_fold(s, function, result);
    same_fold_bytes(s, function, s->room, sizeof s->room);
}

#define SAME_COPY(function, call)                                                                  \
    do {                                                                                           \
        memset(s->room, 'r', sizeof s->room);                                                      \
        s->room[5] = 0;                                                                            \
        const char *same_to = (const char *)(call);                                                \
        same_room(s, SAME_##function, (size_t)(same_to - s->room));                                \
    } while (0)

static void same_copies(struct same *s, size_t size, int c)
{
    uint32_t from = same_random(s) % SAME_TEXT, to = same_random(s) % SAME_TEXT;
    volatile size_t some = size; /* unknown to a host compiler that warns of short copies */
    SAME_COPY(memcpy, memcpy(s->room + to, s->a, some % SAME_TEXT));
    SAME_COPY(memset, memset(s->room + to, c, some));
    SAME_COPY(strcpy, strcpy(s->room + to, s->a));
    SAME_COPY(stpcpy, stpcpy(s->room + to, s->a));
    SAME_COPY(strncpy, strncpy(s->room + to, s->a, some));
    SAME_COPY(stpncpy, stpncpy(s->room + to, s->a, some));
    SAME_COPY(strcat, strcat(s->room, s->a));
    SAME_COPY(strncat, strncat(s->room, s->a, some));
    for (uint32_t i = 0; i < sizeof s->room; i++)
        s->room[i] = (char)i;
    memmove(s->room + to, s->room + from, some);
    same_room(s, SAME_memmove, 0);
    same_fold(s, SAME_strxfrm, strxfrm(s->room, s->a, SAME_TEXT));
    same_fold_bytes(s, SAME_strxfrm, s->room, strlen(s->room));
}

static void same_tokens(struct same *s)
{
    char *rest, *next = s->room;
    strcpy(s->room, s->a);
    for (char *token = strtok_r(s->room, ",;", &rest); token; token = strtok_r(NULL, ",;", &rest))
        same_fold(s, SAME_strtok_r, (size_t)(token - s->room) + 100 * strlen(token));
    same_fold_bytes(s, SAME_strtok_r, s->room, strlen(s->a));
    strcpy(s->room, s->a);
    for (char *field = strsep(&next, ",;"); field; field = strsep(&next, ",;"))
        same_fold(s, SAME_strsep, (size_t)(field - s->room) + 100 * strlen(field));
    same_fold_bytes(s, SAME_strsep, s->room, strlen(s->a));
}

static void same_classes(struct same *s)
{
    for (int c = -1; c < 256; c++) {
#define SAME_CLASS(name) same_fold(s, SAME_##name, name(c) != 0)
        SAME_CLASS(isalnum);
        SAME_CLASS(isalpha);
        SAME_CLASS(isascii);
        SAME_CLASS(isblank);
        SAME_CLASS(iscntrl);
        SAME_CLASS(isdigit);
        SAME_CLASS(isgraph);
        SAME_CLASS(islower);
        SAME_CLASS(isprint);
        SAME_CLASS(ispunct);
        SAME_CLASS(isspace);
        SAME_CLASS(isupper);
        SAME_CLASS(isxdigit);
#undef SAME_CLASS
        same_fold(s, SAME_toascii, (uint32_t)toascii(c));
        same_fold(s, SAME_tolower, (uint32_t)tolower(c));
        same_fold(s, SAME_toupper, (uint32_t)toupper(c));
    }
}

/* 64 bits of which now and then only few count. */
static int64_t same_number(struct same *s)
{
    uint64_t number = (uint64_t)same_random(s) << 40 ^ (uint64_t)same_random(s) << 20;
    number ^= same_random(s);
    return (int64_t)number >> same_random(s) % 60;
}

static void same_numbers(struct same *s)
{
    long number = (long)same_number(s), divisor = (long)same_number(s);
    divisor = divisor ? divisor : 3;
    int small = (int)number, small_divisor = (int)divisor ? (int)divisor : -3;
    small = small == INT_MIN ? 1 : small;
    div_t q = div(small, small_divisor);
    ldiv_t lq = ldiv(number, divisor);
    lldiv_t llq = lldiv(-number, divisor);
    same_fold(s, SAME_div, (uint32_t)q.quot * 7u + (uint32_t)q.rem);
    same_fold(s, SAME_ldiv, (uint64_t)lq.quot * 7u + (uint64_t)lq.rem);
    same_fold(s, SAME_lldiv, (uint64_t)llq.quot * 7u + (uint64_t)llq.rem);
    imaxdiv_t mq = imaxdiv(number, divisor);
    same_fold(s, SAME_imaxdiv, (uint64_t)mq.quot * 7u + (uint64_t)mq.rem);
    same_fold(s, SAME_imaxabs, (uint64_t)imaxabs(number));
    same_fold(s, SAME_abs, (uint32_t)abs(small));
    same_fold(s, SAME_labs, (uint64_t)labs(number));
    same_fold(s, SAME_llabs, (uint64_t)llabs(-number));
}

/* Blanks, perhaps a sign, digits that fit, and something behind them. */
static void same_digits(struct same *s, uint32_t most)
{
    static const char *const heads[] = {"", "-", " +", "\t -", "\n\v\f\r ", "x", "+-", "- "};
    uint32_t digits = same_random(s) % (most + 1);
    char *end = stpcpy(s->room, heads[same_random(s) % (sizeof heads / sizeof heads[0])]);
    while (digits--)
        *end++ = (char)('0' + same_random(s) % 10);
    strcpy(end, same_random(s) % 2 ? "" : ".5");
}

static void same_numerals(struct same *s)
{
    same_digits(s, 9);
    same_fold(s, SAME_atoi, (uint32_t)atoi(s->room));
    same_digits(s, 18);
    same_fold(s, SAME_atol, (uint64_t)atol(s->room));
}

static void same_real(struct same *s, double value)
{
    same_fold_bytes(s, SAME_float_h, &value, sizeof value);
}

/* What the headers say of the types; long double is another one on the host. */
static void same_constants(struct same *s)
{
    static const long long limits[] = {CHAR_BIT,  SCHAR_MIN, SCHAR_MAX,
                                       UCHAR_MAX, CHAR_MIN,  CHAR_MAX,
                                       SHRT_MIN,  SHRT_MAX,  USHRT_MAX,
                                       INT_MIN,   INT_MAX,   UINT_MAX,
                                       LONG_MIN,  LONG_MAX,  (long long)ULONG_MAX,
                                       LLONG_MIN, LLONG_MAX, (long long)ULLONG_MAX};
    static const long long widths[] = {INT8_MIN,
                                       INT8_MAX,
                                       UINT8_MAX,
                                       INT16_MIN,
                                       INT16_MAX,
                                       UINT16_MAX,
                                       INT32_MIN,
                                       INT32_MAX,
                                       UINT32_MAX,
                                       INT64_MIN,
                                       INT64_MAX,
                                       (long long)UINT64_MAX,
                                       INTMAX_MIN,
                                       INTMAX_MAX,
                                       (long long)UINTMAX_MAX,
                                       INT_LEAST8_MIN,
                                       INT_LEAST16_MAX,
                                       UINT_LEAST32_MAX,
                                       INT8_C(-5),
                                       INT16_C(-500),
                                       INT32_C(-70000),
                                       INT64_C(-7000000000),
                                       UINT8_C(200),
                                       UINT16_C(60000),
                                       UINT32_C(4000000000),
                                       (long long)UINT64_C(18000000000000000000),
                                       INTMAX_C(-1),
                                       (long long)UINTMAX_C(7),
                                       sizeof(int64_t),
                                       sizeof(int_least16_t),
                                       sizeof(intmax_t)};
    static const int digits[] = {FLT_RADIX,       FLT_MANT_DIG,    FLT_DIG,         FLT_MIN_EXP,
                                 FLT_MIN_10_EXP,  FLT_MAX_EXP,     FLT_MAX_10_EXP,  DBL_MANT_DIG,
                                 DBL_DIG,         DBL_MIN_EXP,     DBL_MIN_10_EXP,  DBL_MAX_EXP,
                                 DBL_MAX_10_EXP,  FLT_DECIMAL_DIG, DBL_DECIMAL_DIG, FLT_HAS_SUBNORM,
                                 DBL_HAS_SUBNORM, FLT_EVAL_METHOD};
    static const int errors[] = {
        EPERM,   ENOENT,  ESRCH,        EINTR,       EIO,         ENXIO,     E2BIG,    ENOEXEC,
        EBADF,   ECHILD,  EAGAIN,       EWOULDBLOCK, ENOMEM,      EACCES,    EFAULT,   EBUSY,
        EEXIST,  EXDEV,   ENODEV,       ENOTDIR,     EISDIR,      EINVAL,    ENFILE,   EMFILE,
        ENOTTY,  EFBIG,   ENOSPC,       ESPIPE,      EROFS,       EMLINK,    EPIPE,    EDOM,
        ERANGE,  EDEADLK, ENAMETOOLONG, ENOLCK,      ENOSYS,      ENOTEMPTY, ELOOP,    ENOMSG,
        ENODATA, ETIME,   EPROTO,       EBADMSG,     EOVERFLOW,   EILSEQ,    EMSGSIZE, EOPNOTSUPP,
        ENOTSUP, ENOBUFS, ETIMEDOUT,    EALREADY,    EINPROGRESS, ECANCELED};
    static const wchar_t wide[] = L"wide";
    static const double reals[] = {FLT_MAX, FLT_MIN, FLT_EPSILON, FLT_TRUE_MIN,
                                   DBL_MAX, DBL_MIN, DBL_EPSILON, DBL_TRUE_MIN};
    static const char letters[] = PRId8 PRIu16 PRIx32 PRId64 PRIu64 PRIX64 PRIo64 PRIi64 PRIdMAX
        PRIuMAX PRIxLEAST64 PRId32 PRIuLEAST8;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        same_fold(s, SAME_limits_h, (uint64_t)limits[i]);
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        same_fold(s, SAME_errno_h, (uint32_t)errors[i]);
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        same_fold(s, SAME_stddef_h, (uint32_t)wide[i]);
    same_fold(s, SAME_stddef_h, (uint64_t)WCHAR_MAX + offsetof(struct same, state));
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
        same_fold(s, SAME_stdint_h, (uint64_t)widths[i]);
    for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++)
        same_fold(s, SAME_float_h, (uint32_t)digits[i]);
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++)
        same_real(s, reals[i]);
    same_fold_bytes(s, SAME_inttypes_h, letters, sizeof letters);
}

static void same_all(struct same *s)
{
    same_classes(s);
    same_constants(s);
    for (int i = 0; i < SAME_ROUNDS; i++) {
        size_t size = same_random(s) % (SAME_TEXT + 8);
        int c = (int)(signed char)(same_random(s) % 3 ? 'a' + same_random(s) % 3
                                                      : same_random(s) % 256);
        same_text(s, s->a);
        same_text(s, s->b);
        same_searches(s, size, c);
        same_text(s, s->b);
        same_comparisons(s, size);
        same_copies(s, size, c);
        same_tokens(s);
        same_numbers(s);
        same_numerals(s);
    }
}

#endif
