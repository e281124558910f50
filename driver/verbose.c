/* SPDX-License-Identifier: MIT */
/* Log lines of the library, as UPMEM_VERBOSE asks for them. Default: warnings, to stderr. Levels,
 * items and the form of a line: documented (SDK 2024.2); its exact text is no interface there. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"

enum { MOST_MODULES = 16 };

struct settings {
    enum drv_level level;
    struct {
        char name[24];
        enum drv_level level;
    } module[MOST_MODULES];
    unsigned n_modules;
    char directory[256], log_name[64];
    bool to_stdout;
    FILE *stream;
};

static struct settings settings = {.level = DRV_WARNING};
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool level_of(const char *text, enum drv_level *level)
{
    static const char letters[] = "swidv";
    const char *letter = strchr(letters, tolower((unsigned char)text[0]));
    if (!text[0] || text[1])
        return false;
    if (letter)
        *level = (enum drv_level)(letter - letters);
    else if (text[0] >= '0' && text[0] <= '4')
        *level = (enum drv_level)(text[0] - '0');
    else
        return false;
    return true;
}

static void read_module(const char *item, const char *colon)
{
    enum drv_level level;
    if (!level_of(colon + 1, &level) || settings.n_modules == MOST_MODULES)
        return;
    snprintf(settings.module[settings.n_modules].name, sizeof settings.module[0].name, "%.*s",
             (int)(colon - item), item);
    settings.module[settings.n_modules++].level = level;
}

static void read_item(const char *item)
{
    const char *colon = strchr(item, ':');
    if (strcmp(item, "-") == 0)
        settings.to_stdout = true;
    else if (strncmp(item, "dir:", 4) == 0)
        snprintf(settings.directory, sizeof settings.directory, "%s", item + 4);
    else if (strncmp(item, "logname:", 8) == 0)
        snprintf(settings.log_name, sizeof settings.log_name, "%s", item + 8);
    else if (colon)
        read_module(item, colon);
    else
        level_of(item, &settings.level);
}

static void open_file(void)
{
    char path[512], name[96];
    snprintf(name, sizeof name, "dpu-%ld.log", (long)getpid());
    snprintf(path, sizeof path, "%s/%s", settings.directory[0] ? settings.directory : ".",
             settings.log_name[0] ? settings.log_name : name);
    settings.stream = fopen(path, "a");
    if (settings.stream)
        return;
    settings.stream = stderr;
    fprintf(stderr, "dpusim: log file %s cannot be opened; logging to stderr\n", path);
}

static void read_settings(void)
{
    const char *text = getenv("UPMEM_VERBOSE");
    char *copy = strdup(text ? text : ""), *rest = NULL;
    for (char *item = copy ? strtok_r(copy, ",", &rest) : NULL; item;
         item = strtok_r(NULL, ",", &rest))
        read_item(item);
    free(copy);
    if (!settings.to_stdout && (settings.directory[0] || settings.log_name[0]))
        open_file();
    else
        settings.stream = settings.to_stdout ? stdout : stderr;
}

static enum drv_level level_for(const char *module)
{
    for (unsigned i = settings.n_modules; i-- > 0;)
        if (strcmp(settings.module[i].name, module) == 0)
            return settings.module[i].level;
    return settings.level;
}

void drv_log(enum drv_level level, const char *module, const char *format, ...)
{
    pthread_once(&once, read_settings);
    if (level > level_for(module))
        return;
    char stamp[32], text[1200];
    struct tm now;
    time_t seconds = time(NULL);
    localtime_r(&seconds, &now);
    strftime(stamp, sizeof stamp, "%Y-%m-%d|%H:%M:%S", &now);
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pthread_mutex_lock(&lock);
    bool red = level == DRV_WARNING && isatty(fileno(settings.stream)) && !getenv("NO_COLOR");
    fprintf(settings.stream, "%s%s:%c:%s: %s%s\n", red ? "\033[31m" : "", module, "SWIDV"[level],
            stamp, text, red ? "\033[0m" : "");
    fflush(settings.stream);
    pthread_mutex_unlock(&lock);
}
