/* SPDX-License-Identifier: MIT */
/* Schedules: other orders of the tasklets than one instruction each in turn, the same ones again
 * from the same words. A random one lets a tasklet execute a burst of instructions, then draws the
 * next; a tasklet that waits by jumping to its own instruction gives way at once. One with holds
 * lets everybody take turns, but holds tasklets back at the n-th instruction by which they
 * synchronise (acquire, release, boot, resume, stop, transfer), just before or just after it.
 *
 * In cycle mode time decides whose turn it is, so there tasklets become late: by as many cycles as
 * others would have executed instructions, or after each burst by a drawn number of cycles. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schedule.h"

#define MOST_HOLDS    8
#define HOLD_STEPS    100000 /* instructions of others, unless the specification says otherwise */
#define MOST_BURST    4096
#define DEFAULT_BURST 16

struct hold {
    unsigned tasklet;
    uint64_t at;    /* its n-th synchronising instruction, from 1 */
    bool after;     /* it, not before */
    uint64_t steps; /* of others meanwhile */
    uint64_t left;  /* while it holds */
    bool over;
};

struct sim_schedule {
    bool is_random;
    uint64_t seed, state;
    uint32_t burst, burst_left;
    struct sim_tasklet *last;
    struct hold hold[MOST_HOLDS];
    unsigned n_holds;
    uint64_t synchronised[ISA_MAX_THREADS]; /* synchronising instructions executed */
    uint32_t waiting; /* bit t: tasklet t jumped to its own instruction: waits for somebody */
    bool gives_way;   /* so does the last one */
    /* cycle mode: instructions left of the burst, and cycles it is yet to be late */
    uint32_t left[ISA_MAX_THREADS];
    uint64_t late[ISA_MAX_THREADS];
};

/* ---- the words ------------------------------------------------------------------------------- */

static bool read_number(const char **text, uint64_t *out)
{
    char *end;
    if (!isdigit((unsigned char)**text))
        return false;
    *out = strtoull(*text, &end, 10);
    *text = end;
    return true;
}

/* SEED[/BURST] */
static bool parse_random(struct sim_schedule *s, const char *text)
{
    uint64_t burst = DEFAULT_BURST;
    bool ok = read_number(&text, &s->seed);
    if (ok && *text == '/') {
        text++;
        ok = read_number(&text, &burst);
    }
    s->is_random = true;
    s->burst = (uint32_t)burst;
    return ok && !*text && burst >= 1 && burst <= MOST_BURST;
}

/* TASKLET@N or TASKLET@N+ [/STEPS], several divided by commas */
static bool parse_holds(struct sim_schedule *s, const char *text)
{
    for (;;) {
        struct hold hold = {.steps = HOLD_STEPS};
        uint64_t tasklet;
        if (s->n_holds == MOST_HOLDS || !read_number(&text, &tasklet) ||
            tasklet >= ISA_MAX_THREADS || *text++ != '@' || !read_number(&text, &hold.at))
            return false;
        hold.tasklet = (unsigned)tasklet;
        hold.after = *text == '+';
        text += hold.after;
        if (*text == '/') {
            text++;
            if (!read_number(&text, &hold.steps))
                return false;
        }
        s->hold[s->n_holds++] = hold;
        if (!*text)
            return true;
        if (*text++ != ',')
            return false;
    }
}

static bool parse(struct sim_schedule *s, const char *spec)
{
    if (strncmp(spec, "random:", 7) == 0)
        return parse_random(s, spec + 7);
    if (strncmp(spec, "hold:", 5) == 0)
        return parse_holds(s, spec + 5);
    return strcmp(spec, "turns") == 0;
}

enum dpusim_status sim_dpu_set_schedule(struct sim_dpu *dpu, const char *spec,
                                        struct isa_diag *diag)
{
    struct sim_schedule *schedule = calloc(1, sizeof *schedule);
    if (!schedule)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "sim_dpu_set_schedule: out of memory");
    if (spec && !parse(schedule, spec)) {
        free(schedule);
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "no schedule \"%.60s\"; turns, random:SEED[/BURST] or "
                        "hold:TASKLET@N[+][/STEPS],... is wanted",
                        spec);
    }
    sim_schedule_destroy(dpu);
    if (spec)
        dpu->schedule = schedule;
    else
        free(schedule);
    sim_schedule_launched(dpu);
    return DPUSIM_OK;
}

uint64_t sim_dpu_synchronised(const struct sim_dpu *dpu, unsigned tasklet)
{
    return dpu->schedule && tasklet < ISA_MAX_THREADS ? dpu->schedule->synchronised[tasklet] : 0;
}

void sim_schedule_launched(struct sim_dpu *d)
{
    struct sim_schedule *s = d->schedule;
    if (!s)
        return;
    s->state = s->seed;
    s->burst_left = 0;
    s->last = NULL;
    s->gives_way = false;
    s->waiting = 0;
    memset(s->synchronised, 0, sizeof s->synchronised);
    memset(s->left, 0, sizeof s->left);
    memset(s->late, 0, sizeof s->late);
    for (unsigned i = 0; i < s->n_holds; i++) {
        s->hold[i].left = 0;
        s->hold[i].over = false;
    }
}

void sim_schedule_destroy(struct sim_dpu *d)
{
    free(d->schedule);
    d->schedule = NULL;
}

/* ---- whose turn ------------------------------------------------------------------------------ */

static bool synchronises(const struct sim_insn *ip)
{
    if (ip->form == ISA_ILLEGAL)
        return false;
    switch (isa_form_get((enum isa_form)ip->form)->op) {
    case ISA_OP_ACQUIRE:
    case ISA_OP_RELEASE:
    case ISA_OP_BOOT:
    case ISA_OP_RESUME:
    case ISA_OP_STOP:
    case ISA_OP_LDMA:
    case ISA_OP_SDMA:
        return true;
    default:
        return false;
    }
}

static struct sim_tasklet *following(struct sim_dpu *d, const struct sim_tasklet *t)
{
    struct sim_tasklet *next = t->next;
    return next == &d->round_end ? next->next : next;
}

static uint32_t draw_burst(struct sim_schedule *s)
{
    return 1 + (uint32_t)(sim_random(&s->state) % (2 * s->burst - 1));
}

static struct sim_tasklet *draw(struct sim_dpu *d, struct sim_schedule *s)
{
    struct sim_tasklet *t = d->round_end.next;
    unsigned others = d->n_ring - (s->gives_way && d->n_ring > 1);
    for (uint64_t steps = sim_random(&s->state) % others; steps; steps--)
        t = t->next;
    if (s->gives_way && t == s->last)
        t = following(d, t);
    s->burst_left = draw_burst(s);
    return t;
}

/* Is t where the hold begins? */
static bool is_reached(const struct sim_schedule *s, const struct hold *hold,
                       const struct sim_tasklet *t)
{
    uint64_t count = s->synchronised[t->id];
    if (hold->tasklet != t->id || hold->over)
        return false;
    return hold->after ? count == hold->at : count + 1 == hold->at && synchronises(t->ip);
}

/* Is t to be held back now? */
static bool is_held(struct sim_schedule *s, const struct sim_tasklet *t)
{
    for (struct hold *hold = s->hold; hold < s->hold + s->n_holds; hold++) {
        if (hold->tasklet != t->id || hold->over)
            continue;
        if (is_reached(s, hold, t) && !hold->left)
            hold->left = hold->steps;
        if (hold->left)
            return true;
    }
    return false;
}

static void release_holds(struct sim_schedule *s, bool all)
{
    for (struct hold *hold = s->hold; hold < s->hold + s->n_holds; hold++)
        if (hold->left && (--hold->left == 0 || all)) {
            hold->left = 0;
            hold->over = true;
        }
}

/* The next in turn that is not held back. When all that are not only wait, nobody is any more. */
static struct sim_tasklet *next_free(struct sim_dpu *d, struct sim_schedule *s)
{
    struct sim_tasklet *first = d->current == &d->round_end ? d->round_end.next : d->current;
    struct sim_tasklet *t = first, *found = NULL;
    bool held = false, works = false;
    for (unsigned left = d->n_ring; left; left--, t = following(d, t)) {
        bool holds = is_held(s, t);
        held |= holds;
        works |= !holds && !(s->waiting >> t->id & 1);
        if (!holds && !found)
            found = t;
    }
    if (held)
        release_holds(s, !works);
    return found ? found : first;
}

struct sim_tasklet *sim_schedule_pick(struct sim_dpu *d)
{
    struct sim_schedule *s = d->schedule;
    struct sim_tasklet *t = s->last;
    if (!s->is_random)
        t = next_free(d, s);
    else if (!t || !t->running || !s->burst_left || s->gives_way)
        t = draw(d, s);
    s->burst_left -= s->burst_left > 0;
    s->last = t;
    d->current = t;
    return t;
}

/* Cycle mode: a random schedule makes a tasklet late after each burst. */
static uint64_t draw_late(const struct sim_dpu *d, struct sim_schedule *s, unsigned tasklet)
{
    uint64_t spacing = (uint64_t)d->config.timing[SIM_TIMING_issue_spacing];
    if (!s->is_random || s->left[tasklet]--)
        return 0;
    s->left[tasklet] = draw_burst(s);
    return sim_random(&s->state) % (2 * s->burst * spacing);
}

static void become_late(struct sim_dpu *d, struct sim_schedule *s, struct sim_tasklet *t)
{
    for (struct hold *hold = s->hold; hold < s->hold + s->n_holds; hold++)
        if (is_reached(s, hold, t)) {
            s->late[t->id] += hold->steps;
            hold->over = true;
        }
    s->late[t->id] += draw_late(d, s, t->id);
    if (!t->running || t->dma.pending) /* when it goes on */
        return;
    t->ready_cycle += s->late[t->id];
    s->late[t->id] = 0;
}

void sim_schedule_done(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip)
{
    struct sim_schedule *s = d->schedule;
    s->gives_way = t->ip == ip;
    s->waiting = (s->waiting & ~(1u << t->id)) | (uint32_t)s->gives_way << t->id;
    s->synchronised[t->id] += synchronises(ip);
    if (d->cycle_mode)
        become_late(d, s, t);
}
