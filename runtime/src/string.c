/* SPDX-License-Identifier: MIT */
/* Strings in WRAM. Plain loops: a byte costs as much as a word to load, and strings are short. */
#include <alloc.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

void *memchr(const void *area, int c, size_t size)
{
    const unsigned char *byte = area;
    for (; size; size--, byte++)
        if (*byte == (unsigned char)c)
            return (void *)byte;
    return NULL;
}

int memcmp(const void *left, const void *right, size_t size)
{
    const unsigned char *a = left, *b = right;
    for (; size; size--, a++, b++)
        if (*a != *b)
            return *a - *b;
    return 0;
}

size_t strlen(const char *text)
{
    const char *end = text;
    while (*end)
        end++;
    return (size_t)(end - text);
}

size_t strnlen(const char *text, size_t size)
{
    size_t length = 0;
    while (length < size && text[length])
        length++;
    return length;
}

char *stpcpy(char *restrict to, const char *restrict from)
{
    while ((*to = *from)) {
        to++;
        from++;
    }
    return to;
}

char *strcpy(char *restrict to, const char *restrict from)
{
    stpcpy(to, from);
    return to;
}

char *stpncpy(char *restrict to, const char *restrict from, size_t size)
{
    size_t length = strnlen(from, size);
    memcpy(to, from, length);
    memset(to + length, 0, size - length);
    return to + length;
}

char *strncpy(char *restrict to, const char *restrict from, size_t size)
{
    stpncpy(to, from, size);
    return to;
}

char *strcat(char *restrict to, const char *restrict from)
{
    stpcpy(to + strlen(to), from);
    return to;
}

char *strncat(char *restrict to, const char *restrict from, size_t size)
{
    char *end = to + strlen(to);
    size_t length = strnlen(from, size);
    memcpy(end, from, length);
    end[length] = 0;
    return to;
}

int strcmp(const char *left, const char *right)
{
    while (*left && *left == *right) {
        left++;
        right++;
    }
    return (unsigned char)*left - (unsigned char)*right;
}

int strncmp(const char *left, const char *right, size_t size)
{
    for (; size; size--, left++, right++)
        if (*left != *right || !*left)
            return (unsigned char)*left - (unsigned char)*right;
    return 0;
}

char *strchr(const char *text, int c)
{
    while (*text != (char)c)
        if (!*text++)
            return NULL;
    return (char *)text;
}

char *strrchr(const char *text, int c)
{
    const char *found = NULL;
    do
        if (*text == (char)c)
            found = text;
    while (*text++);
    return (char *)found;
}

size_t strspn(const char *text, const char *accepted)
{
    size_t length = 0;
    while (text[length] && strchr(accepted, text[length]))
        length++;
    return length;
}

size_t strcspn(const char *text, const char *refused)
{
    size_t length = 0;
    while (text[length] && !strchr(refused, text[length]))
        length++;
    return length;
}

char *strpbrk(const char *text, const char *wanted)
{
    text += strcspn(text, wanted);
    return *text ? (char *)text : NULL;
}

char *strstr(const char *text, const char *wanted)
{
    size_t length = strlen(wanted);
    for (; strncmp(text, wanted, length) != 0; text++)
        if (!*text)
            return NULL;
    return (char *)text;
}

char *strsep(char **text, const char *delimiters)
{
    char *token = *text;
    if (!token)
        return NULL;
    char *end = token + strcspn(token, delimiters);
    *text = *end ? end + 1 : NULL;
    *end = 0;
    return token;
}

char *strtok_r(char *restrict text, const char *restrict delimiters, char **restrict rest)
{
    char *token = text ? text : *rest;
    if (token)
        token += strspn(token, delimiters);
    if (!token || !*token) {
        *rest = NULL;
        return NULL;
    }
    *rest = token;
    return strsep(rest, delimiters);
}

char *strndup(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    char *copy = mem_alloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

char *strdup(const char *text)
{
    return strndup(text, strlen(text));
}

char *strlwr(char *text)
{
    for (char *c = text; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return text;
}

char *strupr(char *text)
{
    for (char *c = text; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return text;
}

char *strrev(char *text)
{
    char *left = text, *right = text + strlen(text);
    while (left + 1 < right) {
        char c = *left;
        *left++ = *--right;
        *right = c;
    }
    return text;
}

char *strerror(int number)
{
    static const struct {
        int number;
        const char *text;
    } errors[] = {
        {0, "Success"},
        {EPERM, "Operation not permitted"},
        {EIO, "Input/output error"},
        {E2BIG, "Argument list too long"},
        {EAGAIN, "Resource temporarily unavailable"},
        {ENOMEM, "Cannot allocate memory"},
        {EACCES, "Permission denied"},
        {EFAULT, "Bad address"},
        {EBUSY, "Device or resource busy"},
        {EEXIST, "File exists"},
        {EINVAL, "Invalid argument"},
        {ENOSPC, "No space left on device"},
        {EPIPE, "Broken pipe"},
        {EDOM, "Numerical argument out of domain"},
        {ERANGE, "Numerical result out of range"},
        {EDEADLK, "Resource deadlock avoided"},
        {ENOSYS, "Function not implemented"},
        {ENODATA, "No data available"},
        {EILSEQ, "Invalid or incomplete multibyte or wide character"},
        {EALREADY, "Operation already in progress"},
    };
    for (unsigned int i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].number == number)
            return (char *)errors[i].text;
    return (char *)"Unknown error";
}
