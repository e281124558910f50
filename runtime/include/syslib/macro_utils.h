/* SPDX-License-Identifier: MIT */
#ifndef DPU_MACRO_UTILS_H
#define DPU_MACRO_UTILS_H

#define __STR(x)                    __STR_AGAIN(x)
#define __STR_AGAIN(x)              #x
#define __CONCAT(left, right)       __CONCAT_AGAIN(left, right)
#define __CONCAT_AGAIN(left, right) left##right

/* Also where only C99 is spoken. */
#define __STATIC_ASSERT __extension__ _Static_assert

#define __ROUND_UP_TO_8(n)   (((n) + 7u) & ~7u)
#define __IS_POWER_OF_TWO(n) ((n) > 0 && ((n) & ((n)-1)) == 0)

#endif
