/* SPDX-License-Identifier: MIT */
/* Functions of the C and POSIX libraries, for WRAM; and three old friends: strlwr, strupr and
 * strrev work in place and return their argument. */
#ifndef DPU_STRING_H
#define DPU_STRING_H

#include <stddef.h>

void *memchr(const void *area, int c, size_t size);
int memcmp(const void *left, const void *right, size_t size);
void *memcpy(void *__restrict to, const void *__restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *area, int c, size_t size);

char *stpcpy(char *__restrict to, const char *__restrict from);
char *stpncpy(char *__restrict to, const char *__restrict from, size_t size);
char *strcat(char *__restrict to, const char *__restrict from);
char *strchr(const char *text, int c);
int strcmp(const char *left, const char *right);
char *strcpy(char *__restrict to, const char *__restrict from);
size_t strcspn(const char *text, const char *refused);
/* A copy in memory of mem_alloc. */
char *strdup(const char *text);
char *strerror(int number);
size_t strlen(const char *text);
char *strlwr(char *text);
char *strncat(char *__restrict to, const char *__restrict from, size_t size);
int strncmp(const char *left, const char *right, size_t size);
char *strncpy(char *__restrict to, const char *__restrict from, size_t size);
char *strndup(const char *text, size_t size);
size_t strnlen(const char *text, size_t size);
char *strpbrk(const char *text, const char *wanted);
char *strrchr(const char *text, int c);
char *strrev(char *text);
char *strsep(char **text, const char *delimiters);
size_t strspn(const char *text, const char *accepted);
char *strstr(const char *text, const char *wanted);
char *strtok_r(char *__restrict text, const char *__restrict delimiters, char **__restrict rest);
char *strupr(char *text);

/* There is one locale. */
#define strcoll(left, right) strcmp(left, right)
#define strxfrm              __strxfrm
static inline size_t __strxfrm(char *__restrict to, const char *__restrict from, size_t size)
{
    strncpy(to, from, size);
    return strlen(from);
}

#endif
