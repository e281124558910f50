/* SPDX-License-Identifier: MIT */
/* Select: keeps the elements of an array that satisfy a condition. All work is in compact.h. */
#include "compact.h"
#include "select.h"

int main(void)
{
    compact(is_wanted);
    return 0;
}
