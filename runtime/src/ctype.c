/* SPDX-License-Identifier: MIT */
/* Classes of ASCII characters by ranges: no table in WRAM. */
#include <ctype.h>
#include <stdbool.h>

static inline bool in_range(int c, int first, int last)
{
    return (unsigned int)c - (unsigned int)first <= (unsigned int)(last - first);
}

int islower(int c)
{
    return in_range(c, 'a', 'z');
}

int isupper(int c)
{
    return in_range(c, 'A', 'Z');
}

int isalpha(int c)
{
    return in_range(c | 0x20, 'a', 'z');
}

int isdigit(int c)
{
    return in_range(c, '0', '9');
}

int isalnum(int c)
{
    return isalpha(c) || isdigit(c);
}

int isxdigit(int c)
{
    return isdigit(c) || in_range(c | 0x20, 'a', 'f');
}

int isascii(int c)
{
    return in_range(c, 0, 0x7f);
}

int isblank(int c)
{
    return c == ' ' || c == '\t';
}

int iscntrl(int c)
{
    return in_range(c, 0, 0x1f) || c == 0x7f;
}

int isgraph(int c)
{
    return in_range(c, '!', '~');
}

int isprint(int c)
{
    return in_range(c, ' ', '~');
}

int ispunct(int c)
{
    return isgraph(c) && !isalnum(c);
}

int isspace(int c)
{
    return c == ' ' || in_range(c, '\t', '\r');
}

int toascii(int c)
{
    return c & 0x7f;
}

int tolower(int c)
{
    return isupper(c) ? c | 0x20 : c;
}

int toupper(int c)
{
    return islower(c) ? c & ~0x20 : c;
}
