/* SPDX-License-Identifier: MIT */
/* print_cases.h on the DPU; the host compares the log. */
#include <stdio.h>

#include "check.h"

#define SAY(...) printf(__VA_ARGS__)
/* A size_t has 32 bits, as an int. */
#define PRINT_SIZE(letters, value) (value)
#define PRINT_NAN                  __builtin_nan("")

#pragma clang diagnostic ignored "-Wformat"
#include "print_cases.h"

int main(void)
{
    if (me() == 0) {
        print_all();
        CHECK(1);
    }
    return finish();
}
