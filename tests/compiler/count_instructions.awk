# SPDX-License-Identifier: MIT
# Assembly text of the compiler -> lines "function total loop": instructions of each function and of
# its longest innermost loop, from the label to the backward branch; - when there is none.
function finish(    i, k, inner, best) {
    best = "-"
    for (i = 0; i < n_back; i++) {
        inner = 1
        for (k = 0; k < n_back; k++)
            if (k != i && from[k] >= from[i] && to[k] <= to[i] &&
                (from[k] > from[i] || to[k] < to[i]))
                inner = 0
        if (inner && (best == "-" || to[i] - from[i] + 1 > best))
            best = to[i] - from[i] + 1
    }
    print name, count, best
}
/^[A-Za-z_][A-Za-z_0-9]*:$/ {
    name = substr($1, 1, length($1) - 1)
    count = n_back = 0
    delete at
    next
}
/^\t\.size/ { if (name != "") finish(); name = ""; next }
name == "" { next }
/^\.L/ { at[substr($1, 1, length($1) - 1)] = count + 1; next }
/^\t\./ || /^$/ { next }
{
    count++
    target = $NF
    if (target ~ /^\.L/ && (target in at) && $1 != "lw") {
        from[n_back] = at[target]
        to[n_back++] = count
    }
}
