/* SPDX-License-Identifier: MIT */
/* The host API for C++11 and later, header-only over dpu.h. `#include <dpu>` is this file.
 *
 *     auto system = dpu::DpuSet::allocate(64);
 *     system.load("kernel");
 *     system.copy("n", std::vector<uint32_t>{1000});   // the same to all
 *     system.exec();
 *     std::vector<std::vector<uint64_t>> sums(system.dpus().size(), std::vector<uint64_t>(1));
 *     system.copy(sums, "sum");                         // one vector per DPU
 *     system.log(std::cout);
 *
 * Every failure throws DpuError with the text of dpu_error_to_string. Vectors are borrowed: by the
 * blocking calls for the call, by those of async() until sync().
 * Source: documented, SDK 2025.1 dpu.hpp (names and parameters). */
#ifndef DPUSIM_DPU_HPP
#define DPUSIM_DPU_HPP

#include <atomic>
#include <climits>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <new>
#include <ostream>
#include <string>
#include <type_traits>
#include <vector>

#include "dpu.h"
#include "dpu_log_internals.h"
#include "dpu_management.h"

namespace dpu
{

/* "All there are", for allocate and allocateRanks. */
const unsigned ALLOCATE_ALL = DPU_ALLOCATE_ALL;

/* A status of the C API as an exception. */
class DpuError : public std::exception
{
  public:
    explicit DpuError(dpu_error_t status) : status_(status)
    {
        char *text = dpu_error_to_string(status);
        try {
            text_ = text ? text : "no memory for the text of an error";
        } catch (...) {
            std::free(text);
            throw;
        }
        std::free(text);
    }

    const char *what() const noexcept override
    {
        return text_.c_str();
    }
    dpu_error_t code() const noexcept
    {
        return status_;
    }

    static void throwOnErr(dpu_error_t status)
    {
        if (status != DPU_OK)
            throw DpuError(status);
    }

  private:
    dpu_error_t status_;
    std::string text_;
};

/* Address (with memory tag) and size in bytes of a symbol; saves the search by name. */
class DpuSymbol
{
  public:
    DpuSymbol(uint32_t address, uint32_t size)
    {
        symbol_.address = address;
        symbol_.size = size;
    }

    uint32_t address() const noexcept
    {
        return symbol_.address;
    }
    uint32_t size() const noexcept
    {
        return symbol_.size;
    }
    struct dpu_symbol_t unsafe() const noexcept
    {
        return symbol_;
    }

  private:
    struct dpu_symbol_t symbol_;
};

/* A loaded program; valid as long as the set it was loaded into. */
class DpuProgram
{
  public:
    explicit DpuProgram(struct dpu_program_t *program) : program_(program)
    {
    }

    /* Throws DpuError (DPU_ERR_UNKNOWN_SYMBOL). */
    DpuSymbol get(const std::string &name) const
    {
        struct dpu_symbol_t symbol;
        DpuError::throwOnErr(dpu_get_symbol(program_, name.c_str(), &symbol));
        return DpuSymbol(symbol.address, symbol.size);
    }
    struct dpu_program_t *unsafe() const noexcept
    {
        return program_;
    }

  private:
    struct dpu_program_t *program_;
};

/* The place of a transfer on the DPU, by name or by symbol: what the parameters called `symbol`
 * below are made from. */
class DpuPlace
{
  public:
    DpuPlace(const char *name) : name_(name), symbol_(0, 0), named_(true)
    {
    }
    DpuPlace(const std::string &name) : name_(name), symbol_(0, 0), named_(true)
    {
    }
    DpuPlace(const DpuSymbol &symbol) : symbol_(symbol), named_(false)
    {
    }

    dpu_error_t broadcast(struct dpu_set_t set, uint32_t offset, const void *source, size_t bytes,
                          dpu_xfer_flags_t flags) const
    {
        return named_
                   ? dpu_broadcast_to(set, name_.c_str(), offset, source, bytes, flags)
                   : dpu_broadcast_to_symbol(set, symbol_.unsafe(), offset, source, bytes, flags);
    }
    dpu_error_t push(struct dpu_set_t set, dpu_xfer_t direction, uint32_t offset, size_t bytes,
                     dpu_xfer_flags_t flags) const
    {
        return named_
                   ? dpu_push_xfer(set, direction, name_.c_str(), offset, bytes, flags)
                   : dpu_push_xfer_symbol(set, direction, symbol_.unsafe(), offset, bytes, flags);
    }
    dpu_error_t pushBlocks(struct dpu_set_t set, dpu_xfer_t direction, uint32_t offset,
                           size_t bytes, get_block_t *blocks, dpu_sg_xfer_flags_t flags) const
    {
        return named_
                   ? dpu_push_sg_xfer(set, direction, name_.c_str(), offset, bytes, blocks, flags)
                   : dpu_push_sg_xfer_symbol(set, direction, symbol_.unsafe(), offset, bytes,
                                             blocks, flags);
    }

  private:
    std::string name_;
    DpuSymbol symbol_;
    bool named_;
};

/* What blocking and asynchronous sets have in common.
 *
 *   symbol  name ("x", std::string) or DpuSymbol.
 *   offset  bytes from the symbol; left out: 0.
 *   bytes   per DPU, at most what a vector holds; left out: all elements of a vector, and then all
 *           vectors have the same number of elements.
 *   T       a trivially copyable type other than bool.
 *
 * Vectors of vectors: one per DPU in the order of dpus(); more than there are DPUs do not matter.
 * Throw DpuError: codes of dpu_push_xfer and dpu_broadcast_to; DPU_ERR_INVALID_MEMORY_TRANSFER for
 * no or too few vectors, or vectors of different sizes where `bytes` is left out. */
class DpuSetOps
{
  public:
    /* Run the loaded program. */
    void exec()
    {
        DpuError::throwOnErr(dpu_launch(set_, async_ ? DPU_ASYNCHRONOUS : DPU_SYNCHRONOUS));
    }

    /* The same data to every DPU. */
    template <typename T>
    void copy(const DpuPlace &symbol, uint32_t offset, const std::vector<T> &source, size_t bytes)
    {
        mustBeCopyable<T>();
        DpuError::throwOnErr(symbol.broadcast(set_, offset, source.data(), bytes, flags()));
    }
    template <typename T>
    void copy(const DpuPlace &symbol, uint32_t offset, const std::vector<T> &source)
    {
        copy(symbol, offset, source, source.size() * sizeof(T));
    }
    template <typename T>
    void copy(const DpuPlace &symbol, const std::vector<T> &source, size_t bytes)
    {
        copy(symbol, 0, source, bytes);
    }
    template <typename T> void copy(const DpuPlace &symbol, const std::vector<T> &source)
    {
        copy(symbol, 0, source);
    }

    /* Each DPU its own data. */
    template <typename T>
    void copy(const DpuPlace &symbol, uint32_t offset, const std::vector<std::vector<T>> &source,
              size_t bytes)
    {
        mustBeCopyable<T>();
        push(DPU_XFER_TO_DPU, symbol, offset, source, bytes);
    }
    template <typename T>
    void copy(const DpuPlace &symbol, uint32_t offset, const std::vector<std::vector<T>> &source)
    {
        copy(symbol, offset, source, commonBytes(source));
    }
    template <typename T>
    void copy(const DpuPlace &symbol, const std::vector<std::vector<T>> &source, size_t bytes)
    {
        copy(symbol, 0, source, bytes);
    }
    template <typename T>
    void copy(const DpuPlace &symbol, const std::vector<std::vector<T>> &source)
    {
        copy(symbol, 0, source);
    }

    /* From each DPU into its vector, which has room already. */
    template <typename T>
    void copy(std::vector<std::vector<T>> &destination, size_t bytes, const DpuPlace &symbol,
              uint32_t offset = 0)
    {
        mustBeCopyable<T>();
        push(DPU_XFER_FROM_DPU, symbol, offset, destination, bytes);
    }
    template <typename T>
    void copy(std::vector<std::vector<T>> &destination, const DpuPlace &symbol, uint32_t offset = 0)
    {
        copy(destination, commonBytes(destination), symbol, offset);
    }

    /* Scatter/gather (profile sgXferEnable=true): the host side of each DPU is a list of blocks,
     * given by a function or as vectors. `bytes` is the sum per DPU; left out: that of DPU 0. */
    void copyScatterGather(dpu_xfer_t direction, const DpuPlace &symbol, uint32_t offset,
                           size_t bytes, get_block_t &blocks,
                           dpu_sg_xfer_flags_t extra = DPU_SG_XFER_DEFAULT)
    {
        const int flags = extra | (async_ ? DPU_SG_XFER_ASYNC : DPU_SG_XFER_DEFAULT);
        DpuError::throwOnErr(symbol.pushBlocks(set_, direction, offset, bytes, &blocks,
                                               static_cast<dpu_sg_xfer_flags_t>(flags)));
    }
    template <typename T>
    void copyScatterGather(const DpuPlace &symbol, uint32_t offset,
                           const std::vector<std::vector<std::vector<T>>> &source, size_t bytes,
                           dpu_sg_xfer_flags_t extra = DPU_SG_XFER_DEFAULT)
    {
        pushVectors(DPU_XFER_TO_DPU, symbol, offset, source, bytes, extra);
    }
    template <typename T>
    void copyScatterGather(const DpuPlace &symbol, uint32_t offset,
                           const std::vector<std::vector<std::vector<T>>> &source)
    {
        copyScatterGather(symbol, offset, source, blockBytes(source));
    }
    template <typename T>
    void copyScatterGather(const DpuPlace &symbol,
                           const std::vector<std::vector<std::vector<T>>> &source, size_t bytes,
                           dpu_sg_xfer_flags_t extra = DPU_SG_XFER_DEFAULT)
    {
        copyScatterGather(symbol, 0, source, bytes, extra);
    }
    template <typename T>
    void copyScatterGather(const DpuPlace &symbol,
                           const std::vector<std::vector<std::vector<T>>> &source)
    {
        copyScatterGather(symbol, 0, source);
    }
    template <typename T>
    void copyScatterGather(std::vector<std::vector<std::vector<T>>> &destination, size_t bytes,
                           const DpuPlace &symbol, uint32_t offset = 0,
                           dpu_sg_xfer_flags_t extra = DPU_SG_XFER_DEFAULT)
    {
        pushVectors(DPU_XFER_FROM_DPU, symbol, offset, destination, bytes, extra);
    }
    template <typename T>
    void copyScatterGather(std::vector<std::vector<std::vector<T>>> &destination,
                           const DpuPlace &symbol, uint32_t offset = 0)
    {
        copyScatterGather(destination, blockBytes(destination), symbol, offset);
    }

    /* The set of the C API, for what this header does not offer. Borrowed. */
    struct dpu_set_t unsafe() const noexcept
    {
        return set_;
    }

  protected:
    DpuSetOps(struct dpu_set_t set, bool async) : set_(set), async_(async)
    {
    }

    struct dpu_set_t set_;
    bool async_;

  private:
    template <typename T> static void mustBeCopyable()
    {
        static_assert(std::is_trivially_copyable<T>::value && !std::is_same<T, bool>::value,
                      "a transfer moves bytes: trivially copyable elements, no vector<bool>");
    }

    dpu_xfer_flags_t flags() const
    {
        return async_ ? DPU_XFER_ASYNC : DPU_XFER_DEFAULT;
    }

    template <typename T> static size_t commonBytes(const std::vector<std::vector<T>> &vectors)
    {
        if (vectors.empty())
            throw DpuError(DPU_ERR_INVALID_MEMORY_TRANSFER);
        for (const std::vector<T> &one : vectors)
            if (one.size() != vectors.front().size())
                throw DpuError(DPU_ERR_INVALID_MEMORY_TRANSFER);
        return vectors.front().size() * sizeof(T);
    }

    void mustCoverDpus(size_t nrVectors) const
    {
        uint32_t nrDpus;
        DpuError::throwOnErr(dpu_get_nr_dpus(set_, &nrDpus));
        if (nrVectors < nrDpus)
            throw DpuError(DPU_ERR_INVALID_MEMORY_TRANSFER);
    }

    /* The library reads from the vectors or writes to them, as the direction says. */
    template <typename T>
    void push(dpu_xfer_t direction, const DpuPlace &symbol, uint32_t offset,
              const std::vector<std::vector<T>> &vectors, size_t bytes)
    {
        struct dpu_set_t dpu;
        uint32_t i;

        mustCoverDpus(vectors.size());
        DPU_FOREACH (set_, dpu, i)
            DpuError::throwOnErr(dpu_prepare_xfer(dpu, const_cast<T *>(vectors[i].data())));
        const dpu_error_t status = symbol.push(set_, direction, offset, bytes, flags());
        if (status != DPU_OK)
            dpu_prepare_xfer(set_, nullptr); /* a refused push leaves them prepared */
        DpuError::throwOnErr(status);
    }

    template <typename T>
    static size_t blockBytes(const std::vector<std::vector<std::vector<T>>> &vectors)
    {
        size_t elements = 0;
        if (vectors.empty())
            throw DpuError(DPU_ERR_INVALID_MEMORY_TRANSFER);
        for (const std::vector<T> &block : vectors.front())
            elements += block.size();
        return elements * sizeof(T);
    }

    /* get_block function over vectors; args holds a pointer to them. */
    template <typename T>
    static bool blockOfVectors(struct sg_block_info *out, uint32_t dpuIndex, uint32_t blockIndex,
                               void *args)
    {
        const std::vector<std::vector<std::vector<T>>> &vectors =
            **static_cast<const std::vector<std::vector<std::vector<T>>> **>(args);

        if (dpuIndex >= vectors.size() || blockIndex >= vectors[dpuIndex].size())
            return false;
        const std::vector<T> &block = vectors[dpuIndex][blockIndex];
        out->addr = reinterpret_cast<uint8_t *>(const_cast<T *>(block.data()));
        out->length = static_cast<uint32_t>(block.size() * sizeof(T));
        return true;
    }

    template <typename T>
    void pushVectors(dpu_xfer_t direction, const DpuPlace &symbol, uint32_t offset,
                     const std::vector<std::vector<std::vector<T>>> &vectors, size_t bytes,
                     dpu_sg_xfer_flags_t extra)
    {
        const std::vector<std::vector<std::vector<T>>> *args = &vectors;
        get_block_t blocks = {blockOfVectors<T>, &args, sizeof args};

        mustBeCopyable<T>();
        mustCoverDpus(vectors.size());
        copyScatterGather(direction, symbol, offset, bytes, blocks, extra);
    }
};

class DpuSet;

/* Function of DpuSetAsync::call: set of one rank and the rank's index; of a single call the whole
 * set and UINT_MAX. Exceptions become errors of the queue: that of a DpuError, else
 * DPU_ERR_INTERNAL. */
typedef std::function<void(DpuSet &, unsigned)> DpuCallback;

/* What all parts of an allocated set share: the queued callbacks. */
class DpuCallbacks
{
  public:
    explicit DpuCallbacks(DpuSet *whole) : whole_(whole)
    {
    }

    /* part: the set that was asked, NULL: the allocated one, wherever it is by then. */
    void queue(struct dpu_set_t set, DpuSet *part, const DpuCallback &function, int flags)
    {
        uint32_t nrCalls = 1;
        if (set.kind == DPU_SET_RANKS && !(flags & DPU_CALLBACK_SINGLE_CALL))
            DpuError::throwOnErr(dpu_get_nr_ranks(set, &nrCalls));

        Call *call;
        {
            std::lock_guard<std::mutex> guard(lock_);
            calls_.emplace_front(*this, part, function, nrCalls);
            call = &calls_.front();
            call->self = calls_.begin();
        }
        DpuError::throwOnErr(
            dpu_callback(set, run, call, static_cast<dpu_callback_flags_t>(flags)));
    }

    void moveTo(DpuSet *whole)
    {
        whole_ = whole;
    }

  private:
    /* Lives until its last call, or with the allocated set when an error drops its jobs. */
    struct Call {
        Call(DpuCallbacks &callbacks, DpuSet *part_, const DpuCallback &function_, uint32_t nrCalls)
            : all(callbacks), part(part_), function(function_), remaining(nrCalls)
        {
        }
        DpuCallbacks &all;
        DpuSet *part;
        DpuCallback function;
        std::atomic<uint32_t> remaining;
        std::list<Call>::iterator self;
    };

    static dpu_error_t run(struct dpu_set_t set, uint32_t index, void *args);

    std::mutex lock_;
    std::list<Call> calls_;
    DpuSet *whole_;
};

/* A set whose operations are queued; made by DpuSet::async(), copyable, valid as long as the set
 * it came from. */
class DpuSetAsync : public DpuSetOps
{
  public:
    /* Queue a function: once per rank as each gets there, or once (singleCall) when all ranks are
     * there. While a blocking one runs, later operations of its rank wait. */
    void call(const DpuCallback &function, bool isBlocking = true, bool singleCall = false)
    {
        callbacks_->queue(set_, part_, function,
                          DPU_CALLBACK_ASYNC | (isBlocking ? 0 : DPU_CALLBACK_NONBLOCKING) |
                              (singleCall ? DPU_CALLBACK_SINGLE_CALL : 0));
    }

    /* Wait for everything queued before. Throws the first error among it. */
    void sync()
    {
        DpuError::throwOnErr(dpu_sync(set_));
    }

  private:
    friend class DpuSet;
    DpuSetAsync(struct dpu_set_t set, DpuSet *part, DpuCallbacks *callbacks)
        : DpuSetOps(set, true), part_(part), callbacks_(callbacks)
    {
    }

    DpuSet *part_;
    DpuCallbacks *callbacks_;
};

/* A set of DPUs. The one that allocate returned owns the DPUs and frees them at its end; its parts
 * live in it. */
class DpuSet : public DpuSetOps
{
  public:
    /* Throw DpuError: codes of dpu_alloc and dpu_alloc_ranks. */
    static DpuSet allocate(unsigned nrDpus = ALLOCATE_ALL, const std::string &profile = "")
    {
        struct dpu_set_t set;
        DpuError::throwOnErr(dpu_alloc(nrDpus, profile.c_str(), &set));
        return DpuSet(set);
    }
    static DpuSet allocateRanks(unsigned nrRanks = ALLOCATE_ALL, const std::string &profile = "")
    {
        struct dpu_set_t set;
        DpuError::throwOnErr(dpu_alloc_ranks(nrRanks, profile.c_str(), &set));
        return DpuSet(set);
    }

    DpuSet(const DpuSet &) = delete;
    DpuSet &operator=(const DpuSet &) = delete;
    DpuSet &operator=(DpuSet &&) = delete;
    /* Of an allocated set; pointers to its parts stay valid. */
    DpuSet(DpuSet &&other) noexcept
        : DpuSetOps(other), callbacks_(other.callbacks_),
          ownCallbacks_(std::move(other.ownCallbacks_)), parts_(std::move(other.parts_)),
          ranks_(std::move(other.ranks_)), dpus_(std::move(other.dpus_))
    {
        if (ownCallbacks_)
            ownCallbacks_->moveTo(this);
    }
    ~DpuSet()
    {
        if (ownCallbacks_)
            dpu_free(set_);
    }

    /* Load a program file into all DPUs. */
    DpuProgram load(const std::string &path)
    {
        struct dpu_program_t *program;
        DpuError::throwOnErr(dpu_load(set_, path.c_str(), &program));
        return DpuProgram(program);
    }

    /* Write header and log of every DPU. Throws DpuError as dpu_log_read returns. */
    void log(std::ostream &stream)
    {
        for (DpuSet *part : dpus_) {
            struct dpu_t *dpu = part->set_.dpu;
            DpuError::throwOnErr(print(&stream, DPU_LOG_FORMAT_HEADER, dpu_get_id(dpu)));
            DpuError::throwOnErr(dpulog_read_for_dpu_(dpu, print, &stream));
        }
    }

    /* Parts; of a single DPU: itself and its rank. */
    const std::vector<DpuSet *> &dpus() const noexcept
    {
        return dpus_;
    }
    const std::vector<DpuSet *> &ranks() const noexcept
    {
        return ranks_;
    }

    /* The same DPUs with queued operations. */
    DpuSetAsync async()
    {
        return DpuSetAsync(set_, ownCallbacks_ ? nullptr : this, callbacks_);
    }

  private:
    friend class DpuCallbacks;

    /* An allocated set; takes ownership also when it throws. */
    explicit DpuSet(struct dpu_set_t set) : DpuSetOps(set, false), callbacks_(nullptr)
    {
        struct dpu_set_t rank;

        try {
            ownCallbacks_.reset(new DpuCallbacks(this));
            callbacks_ = ownCallbacks_.get();
            DPU_RANK_FOREACH (set_, rank) {
                parts_.emplace_back(new DpuSet(rank, callbacks_, nullptr));
                ranks_.push_back(parts_.back().get());
                dpus_.insert(dpus_.end(), ranks_.back()->dpus_.begin(), ranks_.back()->dpus_.end());
            }
        } catch (...) {
            dpu_free(set_);
            throw;
        }
    }

    /* A rank (of: NULL), or a DPU of the rank `of`. */
    DpuSet(struct dpu_set_t set, DpuCallbacks *callbacks, DpuSet *of)
        : DpuSetOps(set, false), callbacks_(callbacks), ranks_(1, of ? of : this)
    {
        struct dpu_set_t dpu;

        if (of) {
            dpus_.push_back(this);
            return;
        }
        DPU_FOREACH (set_, dpu) {
            parts_.emplace_back(new DpuSet(dpu, callbacks, this));
            dpus_.push_back(parts_.back().get());
        }
    }

    /* Print function of the log decoder: arg is the stream. */
    static dpu_error_t print(void *arg, const char *format, ...)
    {
        std::va_list arguments, again;
        dpu_error_t status = DPU_ERR_SYSTEM;

        va_start(arguments, format);
        va_copy(again, arguments);
        try {
            const int length = std::vsnprintf(nullptr, 0, format, arguments);
            std::vector<char> text(length < 0 ? 0 : static_cast<size_t>(length) + 1);
            if (!text.empty()) {
                std::vsnprintf(text.data(), text.size(), format, again);
                static_cast<std::ostream *>(arg)->write(text.data(), length);
                status = DPU_OK;
            }
        } catch (...) {
            status = DPU_ERR_SYSTEM;
        }
        va_end(again);
        va_end(arguments);
        return status;
    }

    DpuCallbacks *callbacks_;
    std::unique_ptr<DpuCallbacks> ownCallbacks_; /* of an allocated set only */
    std::vector<std::unique_ptr<DpuSet>> parts_;
    std::vector<DpuSet *> ranks_;
    std::vector<DpuSet *> dpus_;
};

inline dpu_error_t DpuCallbacks::run(struct dpu_set_t, uint32_t index, void *args)
{
    Call *call = static_cast<Call *>(args);
    DpuCallbacks &all = call->all;
    DpuSet *set = call->part ? call->part : all.whole_;
    dpu_error_t status = DPU_OK;

    if (index != UINT32_MAX)
        set = set->ranks_[index];
    try {
        call->function(*set, index);
    } catch (const DpuError &error) {
        status = error.code();
    } catch (...) {
        status = DPU_ERR_INTERNAL;
    }
    if (--call->remaining == 0) {
        std::lock_guard<std::mutex> guard(all.lock_);
        all.calls_.erase(call->self);
    }
    return status;
}

} /* namespace dpu */

#endif
