/* SPDX-License-Identifier: MIT */
/* Unique: of equal elements in a row keeps the first. All work is in compact.h; the host tells
 * every DPU the last element of the DPU before it. */
#include "compact.h"
#include "unique.h"

int main(void)
{
    compact(is_new);
    return 0;
}
