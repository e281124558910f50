/* SPDX-License-Identifier: MIT */
/* Every member of the C++ header, against the kernel sum.S. Prints what is wrong; "ok" at the end.
 *
 *   usage: program sum.elf */
#include <dpu>
#include <iostream>
#include <numeric>
#include <sstream>

using namespace dpu;

static int nrWrong;

static void expect(bool right, const char *what, int line)
{
    if (!right) {
        std::cout << "line " << line << ": " << what << "\n";
        nrWrong++;
    }
}
#define EXPECT(condition) expect(condition, #condition, __LINE__)

template <typename Function> static dpu_error_t thrown(Function function)
{
    try {
        function();
    } catch (const DpuError &error) {
        char *text = dpu_error_to_string(error.code());
        EXPECT(std::string(text) == error.what());
        std::free(text);
        return error.code();
    }
    return DPU_OK;
}

typedef std::vector<uint32_t> Words;
typedef std::vector<Words> PerDpu;
typedef std::vector<PerDpu> Blocks;

static const unsigned nrDpus = 5;

static PerDpu zeros(size_t words)
{
    return PerDpu(nrDpus, Words(words));
}

/* values[i] = {i, i, i, i} */
static PerDpu countingValues()
{
    PerDpu values;
    for (unsigned i = 0; i < nrDpus; i++)
        values.push_back(Words(4, i));
    return values;
}

static void checkSums(DpuSet &system, uint32_t base, uint32_t step)
{
    PerDpu sums = zeros(2);
    system.copy(sums, "sum");
    for (unsigned i = 0; i < nrDpus; i++)
        EXPECT(sums[i][0] == base + i * step);
}

static void parts(DpuSet &system)
{
    EXPECT(system.dpus().size() == nrDpus);
    EXPECT(system.ranks().size() == 1);
    DpuSet *rank = system.ranks()[0], *dpu = rank->dpus()[2];
    EXPECT(rank->dpus() == system.dpus());
    EXPECT(rank->ranks() == std::vector<DpuSet *>(1, rank));
    EXPECT(dpu->dpus() == std::vector<DpuSet *>(1, dpu));
    EXPECT(dpu->ranks() == std::vector<DpuSet *>(1, rank));
    EXPECT(dpu->unsafe().kind == DPU_SET_DPU);
    EXPECT(dpu_get_rank(dpu->unsafe().dpu) == rank->unsafe().list.ranks[0]);
}

static void blockingCopies(DpuSet &system, const DpuProgram &program)
{
    const DpuSymbol values = program.get("values");
    const Words ones(8, 1), pair(2, 50);
    PerDpu back = zeros(4), half = zeros(2);

    EXPECT(values.size() == 16);
    EXPECT(thrown([&] { program.get("no_such_symbol"); }) == DPU_ERR_UNKNOWN_SYMBOL);
    system.copy("bias", Words(1, 1000));
    system.copy(std::string("rows"), ones, ones.size() * sizeof ones[0]);
    system.copy("values", countingValues());
    system.exec();
    checkSums(system, 1008, 4);

    system.copy(values, 8, pair);
    system.copy(values, 8, pair, 4);
    system.copy(back, values);
    EXPECT(back[3] == (Words{3, 3, 50, 50}));
    system.copy(values, PerDpu(nrDpus, pair));
    system.copy(values, 8, PerDpu(nrDpus, Words(2, 7)));
    system.copy(values, 4, PerDpu(nrDpus, Words{8, 9}), 4);
    system.copy(half, 4, values, 4);
    EXPECT(half[4] == (Words{8, 0}));
    system.copy(half, values, 8);
    EXPECT(half[0] == (Words{7, 7}));
    system.dpus()[1]->copy("values", Words(4, 1));
    system.dpus()[1]->copy(back, "values");
    EXPECT(back[0] == Words(4, 1));
}

static void refusedCopies(DpuSet &system)
{
    PerDpu none, few(nrDpus - 1, Words(4)), uneven = zeros(4);

    uneven.back().pop_back();
    EXPECT(thrown([&] { system.copy("values", none); }) == DPU_ERR_INVALID_MEMORY_TRANSFER);
    EXPECT(thrown([&] { system.copy(none, "values"); }) == DPU_ERR_INVALID_MEMORY_TRANSFER);
    EXPECT(thrown([&] { system.copy("values", few); }) == DPU_ERR_INVALID_MEMORY_TRANSFER);
    EXPECT(thrown([&] { system.copy("values", uneven); }) == DPU_ERR_INVALID_MEMORY_TRANSFER);
    EXPECT(thrown([&] { system.copy("values", uneven, 12); }) == DPU_OK);
    EXPECT(thrown([&] { system.copy("values", Words(5)); }) == DPU_ERR_INVALID_SYMBOL_ACCESS);
    EXPECT(thrown([&] { system.copy("values", zeros(5)); }) == DPU_ERR_INVALID_SYMBOL_ACCESS);
    EXPECT(thrown([&] { system.copy("value", Words(4)); }) == DPU_ERR_UNKNOWN_SYMBOL);
    /* The refused copy of zeros(5) left no buffer behind that this push would write to. */
    EXPECT(dpu_push_xfer(system.unsafe(), DPU_XFER_FROM_DPU, "values", 0, 16, DPU_XFER_DEFAULT) ==
           DPU_OK);
}

static void logs(DpuSet &system)
{
    std::ostringstream all, last, expected;

    system.copy("bias", Words(1, 1000));
    system.copy("values", countingValues());
    system.exec();
    for (unsigned i = 0; i < nrDpus; i++) {
        expected.str("");
        expected << "=== DPU#0x" << std::hex << dpu_get_id(system.dpus()[i]->unsafe().dpu)
                 << " ===\nsum " << std::dec << 1008 + 4 * i << "\n";
        last.str("");
        system.dpus()[i]->log(last);
        EXPECT(last.str() == expected.str());
        all << expected.str();
    }
    expected.str("");
    system.log(expected);
    EXPECT(expected.str() == all.str());
}

static void queuedOperations(DpuSet &system)
{
    DpuSetAsync queue = system.async();
    const PerDpu values = countingValues();
    const Words bias(1, 5000);
    PerDpu sums = zeros(2);
    unsigned perRank = 0, whole = 0, wholeIndex = 0, inside = 0;

    queue.copy("values", values);
    queue.copy("bias", bias);
    queue.exec();
    queue.copy(sums, "sum");
    queue.call([&](DpuSet &rank, unsigned index) {
        perRank += static_cast<unsigned>(rank.dpus().size()) + 100 * index;
        inside = sums[1][0];
    });
    queue.call(
        [&](DpuSet &set, unsigned index) {
            whole = static_cast<unsigned>(set.dpus().size());
            wholeIndex = index;
        },
        true, true);
    queue.sync();
    EXPECT(sums[2][0] == 5000 + 8 + 8);
    EXPECT(perRank == nrDpus);
    EXPECT(inside == 5000 + 4 + 8);
    EXPECT(whole == nrDpus);
    EXPECT(wholeIndex == UINT_MAX);

    std::vector<DpuSetAsync> queues;
    std::atomic<unsigned> nrCalls(0);
    for (DpuSet *dpu : system.dpus())
        queues.push_back(dpu->async());
    for (DpuSetAsync &each : queues)
        each.call([&](DpuSet &set, unsigned) { nrCalls += set.dpus().size() == 1; }, false);
    queues.front().sync();
    queue.sync();
    EXPECT(nrCalls == nrDpus);
}

static void failingCallbacks(DpuSet &system)
{
    DpuSetAsync queue = system.async();

    queue.call([](DpuSet &, unsigned) { throw DpuError(DPU_ERR_TIMEOUT); });
    EXPECT(thrown([&] { queue.sync(); }) == DPU_ERR_TIMEOUT);
    queue.call([](DpuSet &, unsigned) { throw 5; }, true, true);
    EXPECT(thrown([&] { queue.sync(); }) == DPU_ERR_INTERNAL);
    EXPECT(thrown([&] { queue.sync(); }) == DPU_OK);
    queue.call([](DpuSet &rank, unsigned) { rank.copy("no_such_symbol", Words(1)); });
    EXPECT(thrown([&] { queue.sync(); }) == DPU_ERR_UNKNOWN_SYMBOL);
}

static void scatterGather(DpuSet &system)
{
    const Blocks nines(nrDpus, PerDpu(2, Words(2, 9)));
    Blocks rows, back(nrDpus, PerDpu{Words(6), Words(), Words(2)});
    PerDpu whole = zeros(8);

    for (uint32_t i = 0; i < nrDpus; i++)
        rows.push_back(PerDpu{Words(1, i), Words(3, 10 * i), Words(4, 100 * i)});
    system.copyScatterGather("rows", rows);
    system.copy(whole, "rows");
    EXPECT(whole[2] == (Words{2, 20, 20, 20, 200, 200, 200, 200}));
    system.copyScatterGather(back, "rows");
    EXPECT(back[3][0] == (Words{3, 30, 30, 30, 300, 300}));
    EXPECT(back[3][2] == (Words{300, 300}));
    system.async().copyScatterGather("rows", 16, nines);
    system.async().sync();
    system.copy(whole, "rows");
    EXPECT(whole[4] == (Words{4, 40, 40, 40, 9, 9, 9, 9}));
    EXPECT(thrown([&] { system.copyScatterGather("rows", rows, 24); }) ==
           DPU_ERR_SG_LENGTH_MISMATCH);
    EXPECT(thrown([&] { system.copyScatterGather("values", rows, 16); }) ==
           DPU_ERR_SG_NOT_MRAM_SYMBOL);
    EXPECT(thrown([&] { system.copyScatterGather("rows", Blocks()); }) ==
           DPU_ERR_INVALID_MEMORY_TRANSFER);
}

/* A set may be a member, returned, and moved. */
struct Owner {
    DpuSet set = DpuSet::allocate(2);
};

static void ownership(const std::string &path)
{
    Owner owner;
    DpuSet first = DpuSet::allocateRanks(1);
    DpuSet *rank = first.ranks()[0];
    DpuSet second(std::move(first));
    unsigned seen = 0;

    second.load(path);
    EXPECT(second.ranks()[0] == rank);
    second.async().call([&](DpuSet &set, unsigned) { seen = &set == &second; }, true, true);
    second.async().sync();
    EXPECT(seen == 1);
    EXPECT(owner.set.dpus().size() == 2);
    EXPECT(thrown([] { DpuSet::allocate(0); }) == DPU_ERR_ALLOCATION);
    EXPECT(thrown([] { DpuSet::allocate(1, "no equals sign"); }) == DPU_ERR_INVALID_PROFILE);
    EXPECT(thrown([&] { owner.set.load("no such file"); }) == DPU_ERR_SYSTEM);
    EXPECT(ALLOCATE_ALL == DPU_ALLOCATE_ALL);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    {
        auto system = DpuSet::allocate(nrDpus, "sgXferEnable=true");
        const DpuProgram program = system.load(argv[1]);
        parts(system);
        blockingCopies(system, program);
        refusedCopies(system);
        logs(system);
        queuedOperations(system);
        failingCallbacks(system);
        scatterGather(system);
    }
    ownership(argv[1]);
    if (nrWrong == 0)
        std::cout << "ok\n";
    return nrWrong != 0;
}
