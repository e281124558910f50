/* SPDX-License-Identifier: MIT */
/* Objects, archives and the run-time library to a program. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"

struct link_work {
    struct driver *d;
    struct isa_link_input *inputs;
    size_t count;
};

static bool add_file(struct link_work *w, const char *path)
{
    struct isa_link_input *input = &w->inputs[w->count];
    *input = (struct isa_link_input){.name = path};
    if (!driver_read(w->d, path, &input->data))
        return false;
    w->count++;
    return true;
}

static char *runtime_file(struct driver *d, const char *name)
{
    return text_format("%s/share/upmem/lib/%s/%s", d->home, isa_chip_get(d->chip)->name, name);
}

/* Libraries of other machines whose content, as far as there is any, is in ours. */
static bool is_built_in(const char *name)
{
    static const char *const names[] = {"c", "m", "gcc", "pthread"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static char *find_library(struct driver *d, const char *name)
{
    char *file = name[0] == ':' ? text_format("%s", name + 1) : text_format("lib%s.a", name);
    for (size_t i = 0; i < d->library_dirs.count; i++) {
        char *path = text_format("%s/%s", d->library_dirs.items[i], file);
        if (access(path, R_OK) == 0)
            return path;
    }
    char *own = runtime_file(d, file);
    if (access(own, R_OK) == 0)
        return own;
    driver_error(d, "-l%s: %s is in none of the directories of -L", name, file);
    return NULL;
}

static bool add_runtime(struct link_work *w, const char *name)
{
    char *path = runtime_file(w->d, name);
    if (access(path, R_OK) == 0)
        return add_file(w, path);
    driver_error(w->d, "%s is missing: the run-time library is not built (make) or not installed",
                 path);
    return false;
}

/* `objects` has one for each input, in the same order. */
static bool add_all(struct link_work *w, const struct words *objects)
{
    struct driver *d = w->d;
    if (!d->no_start && !add_runtime(w, "crt0.o"))
        return false;
    for (size_t i = 0; i < objects->count; i++) {
        const char *name = objects->items[i];
        bool is_library = strncmp(name, "-l", 2) == 0;
        if (is_library && is_built_in(name + 2))
            continue;
        char *path = is_library ? find_library(d, name + 2) : NULL;
        if ((is_library && !path) || !add_file(w, is_library ? path : name))
            return false;
        if (d->inputs[i].language != LANG_OBJECT) /* messages do not name temporary objects */
            w->inputs[w->count - 1].name = d->inputs[i].path;
    }
    return d->no_libraries || add_runtime(w, "librtdpu.a");
}

bool driver_link(struct driver *d, const struct words *objects, const char *output)
{
    struct link_work w = {.d = d};
    struct isa_bytes image;
    w.inputs = calloc(objects->count + 3, sizeof *w.inputs);
    if (!w.inputs) {
        driver_error(d, "out of memory");
        return false;
    }
    bool ok = d->dry_run || add_all(&w, objects);
    if (ok && !d->dry_run) {
        ok = isa_link(&image, w.inputs, w.count, &d->link, &driver_report) == DPUSIM_OK;
        if (!ok)
            d->n_errors++;
        else {
            ok = driver_write(d, output, image);
            free((void *)image.data);
        }
    }
    for (size_t i = 0; i < w.count; i++)
        free((void *)w.inputs[i].data.data);
    free(w.inputs);
    return ok;
}
