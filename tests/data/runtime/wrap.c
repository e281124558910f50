/* SPDX-License-Identifier: MIT */
/* A small log: the host says how many records to print and how long a text to put in one. */
#include <stdio.h>
#include <string.h>

#include "check.h"

STDOUT_BUFFER_INIT(64)

__host uint32_t records, length;
static char text[256];

int main(void)
{
    if (me() == 0) {
        memset(text, 'x', length);
        for (uint32_t i = 0; i < records; i++)
            puts(text);
        CHECK(1);
    }
    return finish();
}
