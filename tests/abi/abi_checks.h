/* SPDX-License-Identifier: MIT */
/* What the generated assertions are made of, after the header under test. */
#ifndef ABI_CHECKS_H
#define ABI_CHECKS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An object of a type, never evaluated. */
#define ABI_VALUE(of) (*(of *)0)

/* The header under test has declared the function. */
#define EXISTS(name) typedef __typeof__(&name) abi_pointer_to_##name

#ifdef __cplusplus

#include <type_traits>

template <typename T> struct abi_enum_sign {
    static constexpr bool value = std::is_signed<typename std::underlying_type<T>::type>::value;
};
template <typename A, typename B>
constexpr bool abi_same = std::is_same<typename std::remove_reference<A>::type,
                                       typename std::remove_reference<B>::type>::value;
constexpr bool abi_same_text(const char *a, const char *b)
{
    return *a == *b && (*a == '\0' || abi_same_text(a + 1, b + 1));
}

#define DECLARE(...)        extern "C" __VA_ARGS__
#define DECLARE_INLINE(...) static inline __VA_ARGS__
#define IS_SIGNED(of)       abi_enum_sign<of>::value
#define SAME_TYPE(object, ...)                                                                     \
    static_assert(abi_same<decltype((object)), __typeof__(__VA_ARGS__)>,                           \
                  #object " is " #__VA_ARGS__)
#define SAME_TEXT(a, b) static_assert(abi_same_text(a, b), #a " is " #b)

#else

#include <assert.h>
#include <stdalign.h>

#define DECLARE(...)        __VA_ARGS__
#define DECLARE_INLINE(...) static inline __VA_ARGS__
#define IS_SIGNED(of)       __builtin_types_compatible_p(of, int)
#define SAME_TYPE(object, ...)                                                                     \
    static_assert(__builtin_types_compatible_p(__typeof__(object), __typeof__(__VA_ARGS__)),       \
                  #object " is " #__VA_ARGS__)
#define SAME_TEXT(a, b) static_assert(__builtin_strcmp(a, b) == 0, #a " is " #b)

#endif

#endif
