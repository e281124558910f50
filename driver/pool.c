/* SPDX-License-Identifier: MIT */
/* The threads of the process that run DPUs and copy memory: batches of pieces that somebody waits
 * for, then new tasks, then those that have had a turn, each in the order they came, so that a
 * short run need not wait for a turn of all the long ones. Who executes what never shows in a
 * result. Threads are started at the first use, and again after a fork, whose child has none. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "driver.h"

enum { MOST_THREADS = 256 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work;     /* a batch was queued */
    pthread_cond_t finished; /* a batch of drv_pool_for ended */
    struct drv_batch *first, *last;
    struct task_list {
        struct drv_task *first, *last;
    } fresh, continued;
    unsigned n_threads;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .work = PTHREAD_COND_INITIALIZER,
          .finished = PTHREAD_COND_INITIALIZER};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static unsigned wanted;

static unsigned count_from(const char *text)
{
    char *end;
    errno = 0;
    long value = text && *text ? strtol(text, &end, 0) : 0;
    if (text && *text && (errno || *end || value < 1 || value > MOST_THREADS)) {
        drv_log(DRV_WARNING, "pool",
                "DPUSIM_THREADS=%s: wanted a number from 1 to %d; using the "
                "number of processors",
                text, MOST_THREADS);
        value = 0;
    }
    if (value == 0)
        value = sysconf(_SC_NPROCESSORS_ONLN);
    return value < 1 ? 1 : value > MOST_THREADS ? MOST_THREADS : (unsigned)value;
}

static void before_fork(void)
{
    pthread_mutex_lock(&pool.lock);
}

static void in_parent(void)
{
    pthread_mutex_unlock(&pool.lock);
}

static void in_child(void)
{
    pool.n_threads = 0;
    pool.first = pool.last = NULL;
    pool.fresh = pool.continued = (struct task_list){NULL, NULL};
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.work, NULL);
    pthread_cond_init(&pool.finished, NULL);
}

static void prepare(void)
{
    wanted = count_from(getenv("DPUSIM_THREADS"));
    pthread_atfork(before_fork, in_parent, in_child);
}

unsigned drv_pool_threads(void)
{
    pthread_once(&once, prepare);
    return wanted;
}

struct drv_batch {
    struct drv_batch *next;
    uint32_t count, taken, finished; /* under the lock */
    void (*work)(void *context, uint32_t i);
    void *context;
};

/* ---- batches --------------------------------------------------------------------------------- */

static void unlink_batch(struct drv_batch *batch)
{
    struct drv_batch **at = &pool.first, *before = NULL;
    while (*at && *at != batch) {
        before = *at;
        at = &(*at)->next;
    }
    if (!*at)
        return;
    *at = batch->next;
    if (pool.last == batch)
        pool.last = before;
}

/* Take the next piece of a batch; false when none is left. Under the lock. */
static bool take(struct drv_batch *batch, uint32_t *i)
{
    *i = batch->taken;
    if (*i >= batch->count)
        return false;
    if (++batch->taken == batch->count)
        unlink_batch(batch);
    return true;
}

/* Execute one piece, without the lock, which is taken for the end: the caller owns the batch. */
static void execute(struct drv_batch *batch, uint32_t i)
{
    batch->work(batch->context, i);
    pthread_mutex_lock(&pool.lock);
    if (++batch->finished == batch->count)
        pthread_cond_broadcast(&pool.finished);
}

static struct drv_task *take_task(void)
{
    struct task_list *list = pool.fresh.first ? &pool.fresh : &pool.continued;
    struct drv_task *task = list->first;
    if (task)
        list->first = task->next;
    return task;
}

/* Tasks linked by next. */
static void append_tasks(struct task_list *list, struct drv_task *tasks)
{
    if (list->first)
        list->last->next = tasks;
    else
        list->first = tasks;
    while (tasks->next)
        tasks = tasks->next;
    list->last = tasks;
}

static void *worker(void *unused)
{
    (void)unused;
    uint32_t i;
    pthread_mutex_lock(&pool.lock);
    for (;;) {
        struct drv_batch *batch = pool.first;
        struct drv_task *task;
        if (batch && take(batch, &i)) {
            pthread_mutex_unlock(&pool.lock);
            execute(batch, i);
        } else if ((task = take_task())) {
            pthread_mutex_unlock(&pool.lock);
            task->work(task);
            pthread_mutex_lock(&pool.lock);
        } else {
            pthread_cond_wait(&pool.work, &pool.lock);
        }
    }
    return NULL;
}

/* Under the lock. False when there is not a single thread. */
static bool start_threads(unsigned most)
{
    unsigned target = most < wanted ? most : wanted;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    while (pool.n_threads < target) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, worker, NULL) != 0)
            break;
        pool.n_threads++;
    }
    pthread_attr_destroy(&attributes);
    return pool.n_threads > 0;
}

static void append(struct drv_batch *batch)
{
    batch->next = NULL;
    if (pool.last)
        pool.last->next = batch;
    else
        pool.first = batch;
    pool.last = batch;
}

void drv_pool_for(uint32_t count, void (*work)(void *context, uint32_t i), void *context)
{
    if (count <= 1 || drv_pool_threads() == 1) {
        for (uint32_t i = 0; i < count; i++)
            work(context, i);
        return;
    }
    struct drv_batch batch = {.count = count, .work = work, .context = context};
    uint32_t i;
    pthread_mutex_lock(&pool.lock);
    start_threads(count - 1 < wanted - 1 ? count - 1 : wanted - 1);
    append(&batch);
    pthread_cond_broadcast(&pool.work);
    while (take(&batch, &i)) {
        pthread_mutex_unlock(&pool.lock);
        execute(&batch, i);
    }
    while (batch.finished < count)
        pthread_cond_wait(&pool.finished, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}

bool drv_pool_submit(struct drv_task *tasks, uint32_t count)
{
    drv_pool_threads();
    pthread_mutex_lock(&pool.lock);
    bool ready = start_threads(pool.n_threads + count);
    if (ready && count) {
        append_tasks(&pool.fresh, tasks);
        pthread_cond_broadcast(&pool.work);
    }
    pthread_mutex_unlock(&pool.lock);
    return ready;
}

void drv_pool_continue(struct drv_task *task)
{
    task->next = NULL;
    pthread_mutex_lock(&pool.lock);
    append_tasks(&pool.continued, task);
    pthread_cond_signal(&pool.work);
    pthread_mutex_unlock(&pool.lock);
}
