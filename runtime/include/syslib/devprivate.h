/* SPDX-License-Identifier: MIT */
/* Kept for sources that include it; see dpuruntime.h. */
#include <dpuruntime.h>
