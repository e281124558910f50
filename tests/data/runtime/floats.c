/* SPDX-License-Identifier: MIT */
/* Floating-point operators of C on operands of the host, which knows the results. Row order: see
 * tests/test_runtime_c.c. */
#include "check.h"

enum { PAIRS = 8 };

__host float f_operands[2 * PAIRS];
__host double d_operands[2 * PAIRS];
__host float f_results[PAIRS][8];
__host double d_results[PAIRS][8];
__host uint32_t comparisons[PAIRS][2];

/* One bit per operator. */
#define COMPARE(a, b)                                                                              \
    ((uint32_t)((a) < (b)) | (uint32_t)((a) <= (b)) << 1 | (uint32_t)((a) > (b)) << 2 |            \
     (uint32_t)((a) >= (b)) << 3 | (uint32_t)((a) == (b)) << 4 | (uint32_t)((a) != (b)) << 5)

int main(void)
{
    for (int i = 0; i < PAIRS; i++) {
        float a = f_operands[2 * i], b = f_operands[2 * i + 1];
        double c = d_operands[2 * i], d = d_operands[2 * i + 1];
        f_results[i][0] = a + b;
        f_results[i][1] = a - b;
        f_results[i][2] = a * b;
        f_results[i][3] = a / b;
        f_results[i][4] = (float)c;
        f_results[i][5] = (float)(int32_t)a;
        f_results[i][6] = (float)(int64_t)b;
        f_results[i][7] = -a;
        d_results[i][0] = c + d;
        d_results[i][1] = c - d;
        d_results[i][2] = c * d;
        d_results[i][3] = c / d;
        d_results[i][4] = (double)a;
        d_results[i][5] = (double)(int32_t)c;
        d_results[i][6] = (double)(int64_t)d;
        d_results[i][7] = -c;
        comparisons[i][0] = COMPARE(a, b);
        comparisons[i][1] = COMPARE(c, d);
    }
    CHECK(1);
    return finish();
}
