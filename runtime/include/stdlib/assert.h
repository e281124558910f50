/* SPDX-License-Identifier: MIT */
/* A failed assertion prints file, line and expression into the log and raises fault 3. */
#undef assert
#ifdef NDEBUG
#define assert(expression) ((void)0)
#else
#define assert(expression)                                                                         \
    ((expression) ? (void)0 : __assert_failed(__FILE__, __LINE__, #expression))
#endif

#ifndef DPU_ASSERT_H
#define DPU_ASSERT_H

_Noreturn void __assert_failed(const char *file, unsigned int line, const char *expression);
#ifndef __cplusplus
#undef static_assert
#define static_assert _Static_assert
#endif

#endif
