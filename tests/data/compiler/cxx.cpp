/* SPDX-License-Identifier: MIT */
/* A kernel in C++: templates over MRAM, destructors, virtual functions, lambdas. */
extern "C" {
#include <alloc.h>
#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <mutex.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
}
#include "cxx.hpp"

BARRIER_INIT(all, NR_TASKLETS);
MUTEX_INIT(one_at_a_time);
__mram_noinit uint32_t numbers[NR_TASKLETS * 64];
__host uint32_t total;

/* A line of MRAM in WRAM that is written back when it is left, and at the end. */
template <typename T, unsigned N> class Line
{
    __mram_ptr T *base;
    __dma_aligned T items[N];
    unsigned at = ~0u;

  public:
    explicit Line(__mram_ptr T *base) : base(base)
    {
    }
    ~Line()
    {
        leave();
    }
    void leave()
    {
        if (at != ~0u)
            mram_write(items, base + at, sizeof items);
    }
    T &operator[](unsigned i)
    {
        if (i / N * N != at) {
            leave();
            at = i / N * N;
            mram_read(base + at, items, sizeof items);
        }
        return items[i % N];
    }
};

namespace
{
struct Shape {
    virtual unsigned area() const = 0;
};
struct Square final : Shape {
    unsigned side = 3;
    constexpr Square()
    {
    }
    unsigned area() const override
    {
        return side * side;
    }
};
Square square;
const Shape *const shape = &square;
} // namespace

template <typename Fn> void each(unsigned n, Fn fn)
{
    for (unsigned i = 0; i < n; i++)
        fn(i);
}

int main()
{
    unsigned sum = 0;
    {
        Line<uint32_t, 8> line{numbers + me() * 64};
        each(64, [&](unsigned i) { line[i] = i * shape->area(); });
    }
    each(64, [&](unsigned i) { sum += numbers[me() * 64 + i]; });
    mutex_lock(one_at_a_time);
    total += sum;
    mutex_unlock(one_at_a_time);
    barrier_wait(&all);
    if (me() == 0)
        printf("%u %d\n", total, counted(1) + counted_elsewhere(2));
    return 0;
}
