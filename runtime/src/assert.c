/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <dpuruntime.h>
#include <stdio.h>

_Noreturn void __assert_failed(const char *file, unsigned int line, const char *expression)
{
    printf("%s:%u: assertion failed: %s\n", file, line, expression);
    __fault(__FAULT_ASSERT_FAILURE__);
    __builtin_unreachable();
}
