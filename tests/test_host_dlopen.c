/* SPDX-License-Identifier: MIT */
/* libdpu.so loaded and given back at run time, as wrappers in other languages do. */
#include <check.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct set { /* size of the SDK's struct dpu_set_t */
    uint64_t words[3];
};

static void *symbol_of(void *library, const char *name)
{
    void *symbol = dlsym(library, name);
    ck_assert_msg(symbol != NULL, "%s", dlerror());
    return symbol;
}

/* Every hundredth time it is used as well; its threads may still run when it is given back. */
static void use(void *library)
{
    int (*alloc)(uint32_t, const char *, struct set *);
    int (*release)(struct set);
    struct set set;
    *(void **)&alloc = symbol_of(library, "dpu_alloc");
    *(void **)&release = symbol_of(library, "dpu_free");
    ck_assert_int_eq(alloc(70, NULL, &set), 0);
    ck_assert_int_eq(release(set), 0);
}

START_TEST(library_is_opened_and_closed_a_thousand_times)
{
    for (int i = 0; i < 1000; i++) {
        void *library = dlopen(BUILD_DIR "/lib/libdpu.so", i % 2 ? RTLD_NOW : RTLD_LAZY);
        ck_assert_msg(library != NULL, "%s", dlerror());
        if (i % 100 == 0)
            use(library);
        ck_assert_int_eq(dlclose(library), 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host.dlopen");
    TCase *normal = tcase_create("normal");
    tcase_add_test(normal, library_is_opened_and_closed_a_thousand_times);
    suite_add_tcase(suite, normal);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
