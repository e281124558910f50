/* SPDX-License-Identifier: MIT */
/* Functions that front ends, those before LLVM 17 most of all, call for __atomic built-ins and
 * _Atomic objects. The
 * memory orders do not matter: a DPU executes its accesses in order, and an aligned one is whole.
 */
#include <stdbool.h>
#include <stdint.h>

#pragma GCC diagnostic ignored "-Wsync-fetch-and-nand-semantics-changed"

#define OPERATION(bytes, type, name)                                                               \
    type __atomic_fetch_##name##_##bytes(volatile type *object, type value, int order)             \
    {                                                                                              \
        (void)order;                                                                               \
        return __sync_fetch_and_##name(object, value);                                             \
    }

#define FUNCTIONS(bytes, type)                                                                     \
    type __atomic_load_##bytes(const volatile type *object, int order)                             \
    {                                                                                              \
        (void)order;                                                                               \
        return *object;                                                                            \
    }                                                                                              \
    void __atomic_store_##bytes(volatile type *object, type value, int order)                      \
    {                                                                                              \
        (void)order;                                                                               \
        __sync_lock_test_and_set(object, value); /* not between the halves of another operation */ \
    }                                                                                              \
    type __atomic_exchange_##bytes(volatile type *object, type value, int order)                   \
    {                                                                                              \
        (void)order;                                                                               \
        return __sync_lock_test_and_set(object, value);                                            \
    }                                                                                              \
    bool __atomic_compare_exchange_##bytes(volatile type *object, type *expected, type wanted,     \
                                           int success, int failure)                               \
    {                                                                                              \
        type before = __sync_val_compare_and_swap(object, *expected, wanted);                      \
        bool swapped = before == *expected;                                                        \
        (void)success, (void)failure;                                                              \
        *expected = before;                                                                        \
        return swapped;                                                                            \
    }                                                                                              \
    OPERATION(bytes, type, add)                                                                    \
    OPERATION(bytes, type, sub)                                                                    \
    OPERATION(bytes, type, and)                                                                    \
    OPERATION(bytes, type, or)                                                                     \
    OPERATION(bytes, type, xor)                                                                    \
    OPERATION(bytes, type, nand)

/* Every object has the one lock of the library. A built-in, too, hence the other name. */
bool is_lock_free(uint32_t size, const volatile void *object) __asm__("__atomic_is_lock_free");

bool is_lock_free(uint32_t size, const volatile void *object)
{
    (void)size, (void)object;
    return false;
}

FUNCTIONS(1, uint8_t)
FUNCTIONS(2, uint16_t)
FUNCTIONS(4, uint32_t)
FUNCTIONS(8, uint64_t)
