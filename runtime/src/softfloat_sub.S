// SPDX-License-Identifier: MIT
// Subtraction is addition with the second sign turned around.

#include "macros.inc"

        function __subsf3
        xor     r1, mneg, r1
        jump    __addsf3
        end_function __subsf3

        function __subdf3
        xor     r2, mneg, r2                    // the high word
        jump    __adddf3
        end_function __subdf3
