/* SPDX-License-Identifier: MIT */
/* The records of the host's table, in its order; the text comes from there. */
#include <stdio.h>

#include "check.h"

#pragma clang diagnostic ignored "-Wformat"

STDOUT_BUFFER_INIT(4096)

int main(void)
{
    if (me() == 0) {
        printf("Hi %d\n", 5);
        printf("");
        printf("100%%\n");
        printf("%lu|%-8.3f|%c%s", 1234567890123L, 2.5, 'x', "str");
        printf("%hd!", 7);
        printf("%zu %i", 3, -4);
        printf("abcd");
        printf("a%d%%b%dc", 1, 2);
        printf("tail%");
        printf("%Lx", 5L);
        puts("yo");
        putchar('z');
        CHECK(1);
    }
    return finish();
}
