/* SPDX-License-Identifier: MIT */
/* What kernel and host agree on: the edges of vertex v of a DPU's part go to the vertices
 * neighbours[first_edge[v]] to neighbours[first_edge[v + 1] - 1]. A set of vertices is a bit map.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#define MOST_VERTICES (1 << 16) /* of the whole graph */
#define MOST_EDGES    (1 << 21) /* of one DPU */
#define MAP_WORDS     (MOST_VERTICES / 32)

static inline bool is_in(const uint32_t *map, uint32_t vertex)
{
    return map[vertex / 32] >> vertex % 32 & 1;
}

#endif
