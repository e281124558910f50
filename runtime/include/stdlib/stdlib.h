/* SPDX-License-Identifier: MIT */
#ifndef DPU_STDLIB_H
#define DPU_STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

typedef struct {
    int quot, rem;
} div_t;
typedef struct {
    long quot, rem;
} ldiv_t;
typedef struct {
    long long quot, rem;
} lldiv_t;

/* End the calling tasklet; the status is lost. */
_Noreturn void exit(int status);
/* Stop the DPU with fault 4. */
_Noreturn void abort(void);

int abs(int value);
long labs(long value);
long long llabs(long long value);
/* Division by 0: fault 2. */
div_t div(int dividend, int divisor);
ldiv_t ldiv(long dividend, long divisor);
lldiv_t lldiv(long long dividend, long long divisor);
/* Decimal number after white space and a sign; overflow wraps. */
int atoi(const char *text);
long atol(const char *text);

#endif
