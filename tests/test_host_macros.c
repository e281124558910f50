/* SPDX-License-Identifier: MIT */
/* The macros of dpu.h and dpu_management.h do what a `for` does. The functions they call are
 * replaced by small ones over sets that are tables, so that the macros are tested alone. */
#include <check.h>
#include <dpu.h>
#include <dpu_management.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- sets of the test: a rank is a row of DPUs ----------------------------------------------- */

struct dpu_t {
    int number;
};
struct dpu_rank_t {
    uint32_t nr_dpus;
    struct dpu_t dpus[4];
};

static struct dpu_rank_t rank_0 = {3, {{0}, {1}, {2}}}, rank_1 = {0, {{-1}}},
                         rank_2 = {2, {{3}, {4}}};
static struct dpu_rank_t *all_ranks[] = {&rank_0, &rank_1, &rank_2};
static struct dpu_set_t all = {.kind = DPU_SET_RANKS, .list = {3, all_ranks}};
static struct dpu_set_t none = {.kind = DPU_SET_RANKS, .list = {0, all_ranks}};
static int n_from, n_next;

struct dpu_iterator_t dpu_iterator_from(struct dpu_rank_t *rank)
{
    return (struct dpu_iterator_t){rank, 0, 0, rank->nr_dpus > 0, &rank->dpus[0]};
}

void dpu_iterator_next(struct dpu_iterator_t *iterator)
{
    iterator->count++;
    iterator->has_next = iterator->count < iterator->rank->nr_dpus;
    iterator->next = iterator->has_next ? &iterator->rank->dpus[iterator->count] : NULL;
}

static void set_rank(struct dpu_set_rank_iterator_t *iterator)
{
    iterator->has_next = iterator->count < iterator->set->list.nr_ranks;
    iterator->next = (struct dpu_set_t){.kind = DPU_SET_RANKS,
                                        .list = {1, &iterator->set->list.ranks[iterator->count]}};
}

struct dpu_set_rank_iterator_t dpu_set_rank_iterator_from(struct dpu_set_t *set)
{
    struct dpu_set_rank_iterator_t iterator = {.set = set};

    n_from++;
    set_rank(&iterator);
    return iterator;
}

void dpu_set_rank_iterator_next(struct dpu_set_rank_iterator_t *iterator)
{
    n_next++;
    iterator->count++;
    set_rank(iterator);
}

/* next_idx is the DPU in its rank; ranks without DPUs are passed over. */
static void set_dpu(struct dpu_set_dpu_iterator_t *iterator)
{
    struct dpu_set_rank_iterator_t *ranks = &iterator->rank_iterator;

    while (ranks->has_next && iterator->next_idx >= ranks->next.list.ranks[0]->nr_dpus) {
        ranks->count++;
        set_rank(ranks);
        iterator->next_idx = 0;
    }
    iterator->has_next = ranks->has_next;
    if (iterator->has_next)
        iterator->next = (struct dpu_set_t){
            .kind = DPU_SET_DPU, .dpu = &ranks->next.list.ranks[0]->dpus[iterator->next_idx]};
}

struct dpu_set_dpu_iterator_t dpu_set_dpu_iterator_from(struct dpu_set_t *set)
{
    struct dpu_set_dpu_iterator_t iterator = {.rank_iterator = {.set = set}};

    n_from++;
    set_rank(&iterator.rank_iterator);
    set_dpu(&iterator);
    return iterator;
}

void dpu_set_dpu_iterator_next(struct dpu_set_dpu_iterator_t *iterator)
{
    n_next++;
    iterator->count++;
    iterator->next_idx++;
    set_dpu(iterator);
}

char *dpu_error_to_string(dpu_error_t status)
{
    char text[32];

    snprintf(text, sizeof text, "text of %d", status);
    return strdup(text);
}

/* ---- loops ----------------------------------------------------------------------------------- */

START_TEST(every_dpu_is_visited_in_order)
{
    struct dpu_set_t dpu;
    int expected = 0;

    n_from = n_next = 0;
    DPU_FOREACH (all, dpu) {
        ck_assert_int_eq(dpu.kind, DPU_SET_DPU);
        ck_assert_int_eq(dpu.dpu->number, expected++);
    }
    ck_assert_int_eq(expected, 5);
    ck_assert_int_eq(n_from, 1);
    ck_assert_int_eq(n_next, 5);
}
END_TEST

START_TEST(the_index_is_set_before_the_body_and_ends_at_the_number_of_dpus)
{
    struct dpu_set_t dpu, rank;
    uint32_t i = 99, n = 0;
    long rank_index = 99;

    DPU_FOREACH (all, dpu, i) {
        ck_assert_uint_eq(i, n++);
        ck_assert_int_eq(dpu.dpu->number, (int)i);
    }
    ck_assert_uint_eq(i, 5);
    DPU_RANK_FOREACH (all, rank, rank_index)
        ck_assert_ptr_eq(rank.list.ranks[0], all_ranks[rank_index]);
    ck_assert_int_eq(rank_index, 3);
}
END_TEST

START_TEST(an_empty_set_sets_the_index_to_zero_and_runs_no_body)
{
    struct dpu_set_t dpu, rank;
    uint32_t i = 99, r = 99;

    DPU_FOREACH (none, dpu, i)
        ck_abort();
    DPU_RANK_FOREACH (none, rank, r)
        ck_abort();
    ck_assert_uint_eq(i, 0);
    ck_assert_uint_eq(r, 0);
}
END_TEST

START_TEST(break_and_continue_belong_to_the_loop)
{
    struct dpu_set_t dpu;
    uint32_t i, sum = 0;

    DPU_FOREACH (all, dpu, i) {
        if (i == 1)
            continue;
        if (i == 3)
            break;
        sum += 10 + i;
    }
    ck_assert_uint_eq(sum, 10 + 12);
    ck_assert_uint_eq(i, 3);
}
END_TEST

START_TEST(loops_nest_also_on_one_line)
{
    struct dpu_set_t rank, dpu, inner;
    uint32_t r, d, bodies = 0, per_rank[3] = {0, 0, 0};

    DPU_RANK_FOREACH (all, rank, r)
        DPU_FOREACH (rank, dpu, d)
            per_rank[r] += 1 + d;
    ck_assert_uint_eq(per_rank[0], 6);
    ck_assert_uint_eq(per_rank[1], 0);
    ck_assert_uint_eq(per_rank[2], 3);
    /* clang-format off */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
    DPU_FOREACH (all, dpu) { DPU_FOREACH (all, inner) { bodies++; } }
#pragma GCC diagnostic pop
    /* clang-format on */
    ck_assert_uint_eq(bodies, 25);
}
END_TEST

START_TEST(a_loop_is_one_statement)
{
    struct dpu_set_t dpu;
    int visited = 0;

    if (visited)
        DPU_FOREACH (all, dpu)
            visited = -100;
    else
        DPU_FOREACH (all, dpu)
            visited++;
    ck_assert_int_eq(visited, 5);
}
END_TEST

START_TEST(arguments_may_be_expressions)
{
    struct dpu_set_t sets[2] = {none, all}, dpus[2], *pointer = &sets[1];
    struct {
        uint32_t i;
    } at = {0};
    int sum = 0;

    DPU_FOREACH (sets[0 + 1], dpus[1], at.i)
        sum += dpus[1].dpu->number;
    DPU_FOREACH (*pointer, *(dpus + 0))
        sum += dpus[0].dpu->number;
    ck_assert_int_eq(sum, 2 * (0 + 1 + 2 + 3 + 4));
    ck_assert_uint_eq(at.i, 5);
}
END_TEST

START_TEST(dpus_of_a_rank_are_visited_in_order)
{
    struct dpu_t *dpu;
    unsigned char i = 99;
    int sum = 0;

    STRUCT_DPU_FOREACH (&rank_0, dpu, i)
        ck_assert_ptr_eq(dpu, &rank_0.dpus[i]);
    ck_assert_uint_eq(i, 3);
    STRUCT_DPU_FOREACH (all_ranks[2], dpu) {
        if (dpu->number == 3)
            continue;
        sum += dpu->number;
    }
    ck_assert_int_eq(sum, 4);
    STRUCT_DPU_FOREACH (&rank_1, dpu)
        ck_abort();
}
END_TEST

/* ---- errors ---------------------------------------------------------------------------------- */

static int n_calls;

static dpu_error_t answer(dpu_error_t status)
{
    n_calls++;
    return status;
}

/* What a process that runs action() writes to stderr; *status: how it ended. */
static void run_apart(void (*action)(void), char *text, size_t size, int *status)
{
    int ends[2];
    size_t length = 0;
    ssize_t got;
    pid_t child;

    ck_assert_int_eq(pipe(ends), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        action();
        _exit(7);
    }
    close(ends[1]);
    while (length + 1 < size && (got = read(ends[0], text + length, size - 1 - length)) > 0)
        length += (size_t)got;
    text[length] = '\0';
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, status, 0), child);
    ck_assert(WIFEXITED(*status));
    *status = WEXITSTATUS(*status);
}

/* Both print their own line first, for comparison with the macro's. */
/* clang-format off */
static void check_twice(void)
{
    DPU_CHECK(answer(DPU_OK), _exit(1));
    fprintf(stderr, "%d\n", __LINE__); DPU_CHECK(answer(DPU_ERR_TIMEOUT), _exit(n_calls + 3));
}

static void assert_twice(void)
{
    DPU_ASSERT(answer(DPU_OK));
    fprintf(stderr, "%d\n", __LINE__); DPU_ASSERT(answer(DPU_ERR_DPU_FAULT));
}
/* clang-format on */

static const struct {
    const char *name;
    void (*action)(void);
    int exit_status;
    const char *text;
} reports[] = {
    {"check_twice", check_twice, 5, "text of 27"},
    {"assert_twice", assert_twice, EXIT_FAILURE, "text of 23"},
};

START_TEST(an_error_is_printed_with_its_place_and_acted_upon_once)
{
    char text[512], expected[512];
    int status;

    n_calls = 0;
    run_apart(reports[_i].action, text, sizeof text, &status);
    ck_assert_int_eq(status, reports[_i].exit_status);
    snprintf(expected, sizeof expected, "%d\n%s:%d(%s): DPU Error (%s)\n", atoi(text), __FILE__,
             atoi(text), reports[_i].name, reports[_i].text);
    ck_assert_str_eq(text, expected);
}
END_TEST

START_TEST(check_is_one_statement)
{
    int other = 0;

    if (!other)
        DPU_CHECK(DPU_OK, other = 1);
    else
        other = 2;
    ck_assert_int_eq(other, 0);
}
END_TEST

/* ---- names ----------------------------------------------------------------------------------- */

START_TEST(kinds_of_targets_have_names)
{
    static const char *const profile[] = {"simulator", "cas", "model", "hw", "spi", "scenario"};
    static const char *const text[] = {"FUNCTIONAL_SIMULATOR", "CYCLE_ACCURATE_SIMULATOR",
                                       "RTL_SIMULATOR",        "HW",
                                       "BACKUP_SPI",           "SCENARIO"};
    dpu_type_t type;
    unsigned i;

    for (i = 0; i < NB_OF_DPU_TYPES; i++) {
        ck_assert(dpu_type_from_profile_string(profile[i], &type));
        ck_assert_uint_eq(type, i);
        ck_assert_str_eq(dpu_type_to_string(type), text[i]);
    }
    type = HW;
    ck_assert(!dpu_type_from_profile_string("Simulator", &type));
    ck_assert(!dpu_type_from_profile_string("", &type));
    ck_assert_uint_eq(type, HW);
    ck_assert_str_eq(dpu_type_to_string((dpu_type_t)17), "UNKNOWN");
    ck_assert_str_eq(DPU_SLICE_TARGET_TYPE_NAME(DPU_SLICE_TARGET_GROUP), "GROUP");
    ck_assert_str_eq(DPU_SLICE_TARGET_TYPE_NAME(4), "UNKNOWN");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("driver.macros");
    TCase *loops = tcase_create("loops"), *errors = tcase_create("errors");
    TCase *names = tcase_create("names");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(loops, every_dpu_is_visited_in_order);
    tcase_add_test(loops, the_index_is_set_before_the_body_and_ends_at_the_number_of_dpus);
    tcase_add_test(loops, an_empty_set_sets_the_index_to_zero_and_runs_no_body);
    tcase_add_test(loops, break_and_continue_belong_to_the_loop);
    tcase_add_test(loops, loops_nest_also_on_one_line);
    tcase_add_test(loops, a_loop_is_one_statement);
    tcase_add_test(loops, arguments_may_be_expressions);
    tcase_add_test(loops, dpus_of_a_rank_are_visited_in_order);
    tcase_add_loop_test(errors, an_error_is_printed_with_its_place_and_acted_upon_once, 0,
                        (int)(sizeof reports / sizeof reports[0]));
    tcase_add_test(errors, check_is_one_statement);
    tcase_add_test(names, kinds_of_targets_have_names);
    suite_add_tcase(suite, loops);
    suite_add_tcase(suite, errors);
    suite_add_tcase(suite, names);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
