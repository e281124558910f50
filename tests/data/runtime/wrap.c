/* SPDX-License-Identifier: MIT */
/* A small log: the host says how many records to print, how long a text to put in one, and how many
 * tasklets print. */
#include <stdio.h>
#include <string.h>

#include "check.h"

STDOUT_BUFFER_INIT(64)

__host uint32_t records, length, printers = 1;

int main(void)
{
    char text[256] = "";
    if (me() < printers) {
        memset(text, 'x', length);
        for (uint32_t i = 0; i < records; i++)
            puts(text);
        CHECK(1);
    }
    return finish();
}
