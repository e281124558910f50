/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

int abs(int value)
{
    return value < 0 ? -value : value;
}

long labs(long value)
{
    return value < 0 ? -value : value;
}

long long llabs(long long value)
{
    return value < 0 ? -value : value;
}

div_t div(int dividend, int divisor)
{
    return (div_t){dividend / divisor, dividend % divisor};
}

ldiv_t ldiv(long dividend, long divisor)
{
    return (ldiv_t){dividend / divisor, dividend % divisor};
}

lldiv_t lldiv(long long dividend, long long divisor)
{
    return (lldiv_t){dividend / divisor, dividend % divisor};
}

intmax_t imaxabs(intmax_t value)
{
    return llabs(value);
}

imaxdiv_t imaxdiv(intmax_t dividend, intmax_t divisor)
{
    return (imaxdiv_t){dividend / divisor, dividend % divisor};
}

long atol(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    int negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    unsigned long number = 0; /* unsigned: overflow wraps */
    for (; isdigit((unsigned char)*text); text++)
        number = number * 10 + (unsigned long)(*text - '0');
    return (long)(negative ? -number : number);
}

int atoi(const char *text)
{
    return (int)atol(text);
}
