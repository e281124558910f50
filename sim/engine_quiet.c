/* SPDX-License-Identifier: MIT */
/* Variants of watched instructions of which the watchers need not always be told (quiet.h): loads
 * and stores for which the tasklet has a token, acquires that fail. Else they tell first. Then they
 * go on as if nobody watched. */
#include "flow.h"
#include "watch.h"

static inline bool has_token(const struct sim_dpu *d, struct sim_tasklet *t,
                             const struct sim_insn *ip, uint32_t bytes, bool is_write)
{
    const struct sim_quiet *q = &d->watch->quiet;
    uint32_t address = *reg(t, ip->ra) + ip->imm, doubleword = address / SIM_DOUBLEWORD;
    if (address & (bytes - 1) || doubleword >= SIM_DOUBLEWORDS)
        return false;
    uint16_t beyond = (uint16_t)(q->token[t->id][doubleword] - q->present[t->id]);
    return is_write ? beyond == 1 : beyond <= 1;
}

static inline bool fails(const struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip)
{
    uint32_t bit = bit_number(*reg(t, ip->ra) + ip->imm);
    return d->atomic[bit / 64] >> bit % 64 & 1;
}

/* How far the flow is, for those who are told. */
#define AT_STRAIGHT (d->limit = limit)
#define AT_LEVEL    ((void)limit)
#define AT_TIMED    (d->now = limit)

/* Tells first; after a fault the complete function only leaves. */
#define TOLD(flow, FLOW)                                                                           \
    static __attribute__((noinline)) void flow##_told(ARGUMENTS)                                   \
    {                                                                                              \
        t->ip = ip;                                                                                \
        d->current = t;                                                                            \
        AT_##FLOW;                                                                                 \
        sim_watch_tell(d, t, ip);                                                                  \
        sim_run_fn *run =                                                                          \
            d->event ? sim_##flow##_any : sim_watch_slot_of(d, ip)->plain[SIM_##FLOW];             \
        SETTLE(ip);                                                                                \
        TAIL return run(PASS);                                                                     \
    }
TOLD(straight, STRAIGHT)
TOLD(level, LEVEL)
TOLD(timed, TIMED)

#define VARIANT(flow, FLOW, name, is_quiet)                                                        \
    static void flow##_##name(ARGUMENTS)                                                           \
    {                                                                                              \
        if (__builtin_expect(!(is_quiet), 0)) {                                                    \
            SETTLE(ip);                                                                            \
            TAIL return flow##_told(PASS);                                                         \
        }                                                                                          \
        sim_run_fn *plain = sim_watch_slot_of(d, ip)->plain[SIM_##FLOW];                           \
        SETTLE(ip);                                                                                \
        TAIL return plain(PASS);                                                                   \
    }
#define VARIANTS(name, is_quiet)                                                                   \
    VARIANT(straight, STRAIGHT, name, is_quiet)                                                    \
    VARIANT(level, LEVEL, name, is_quiet)                                                          \
    VARIANT(timed, TIMED, name, is_quiet)

#define ACCESSES(X)                                                                                \
    X(load, 1, false)                                                                              \
    X(load, 2, false)                                                                              \
    X(load, 4, false)                                                                              \
    X(load, 8, false) X(store, 1, true) X(store, 2, true) X(store, 4, true) X(store, 8, true)
#define ACCESS(name, bytes, is_write) VARIANTS(name##_##bytes, has_token(d, t, ip, bytes, is_write))
ACCESSES(ACCESS)
VARIANTS(acquire, fails(d, t, ip))

#define RUN_OF(name)                                                                               \
    {                                                                                              \
        straight_##name, level_##name, timed_##name                                                \
    }
#define ACCESS_ROW(name, bytes, is_write) [is_write][bytes] = RUN_OF(name##_##bytes),
static sim_run_fn *const accesses[2][SIM_DOUBLEWORD + 1][SIM_FLOWS] = {ACCESSES(ACCESS_ROW)};
static sim_run_fn *const acquires[SIM_FLOWS] = RUN_OF(acquire);

sim_run_fn *const *sim_quiet_run(const struct sim_watch_slot *slot)
{
    return slot->bytes ? accesses[slot->is_write][slot->bytes] : acquires;
}
