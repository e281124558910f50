/* SPDX-License-Identifier: MIT */
/* same_cases.h on the DPU, for the host to compare. */
#include "check.h"
#include "same_cases.h"

__host uint32_t hashes[SAME_COUNT];
static struct same same;

int main(void)
{
    if (me() == 0) {
        same_all(&same);
        for (int i = 0; i < SAME_COUNT; i++)
            hashes[i] = same.hash[i];
        CHECK(1);
    }
    return finish();
}
