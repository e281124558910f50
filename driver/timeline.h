/* SPDX-License-Identifier: MIT */
/* The estimated time line of a set: what is recorded, and when each call would have begun and ended
 * on a server. Private to driver/. */
#ifndef DRIVER_TIMELINE_H
#define DRIVER_TIMELINE_H

#include "driver.h"
#include "include/dpusim.h"

/* What is done with the calls, one by one in the order of the time line. */
typedef void drv_timeline_visit(void *context, const struct dpusim_timeline_entry *entry);
/* Returns the end of the last one in seconds. */
double drv_timeline_visit_all(struct drv_timeline *timeline, drv_timeline_visit *visit,
                              void *context);
/* timeline_text.c: the sums as a table; the whole as JSON that trace viewers open. Malloc'ed; NULL:
 * out of memory. */
char *drv_timeline_text(const struct drv_set *set);
char *drv_timeline_json(const struct drv_set *set);
void drv_timeline_sum(struct drv_timeline *timeline, struct dpusim_timeline_sums *sums);

#endif
