/* SPDX-License-Identifier: MIT */
/* Fuzz target: vector files as `dpusim conformance` reads them. Whatever stands in the columns,
 * each row passes or fails, or the file is refused. The first byte chooses the kind of file. */
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The assembler reads files, and the machine's are none of its business here. */
static bool reads_files(const char *text)
{
    return strstr(text, "inc") != NULL || strstr(text, "INC") != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vectors vectors;
    unsigned long rows = 1;
    if (size == 0)
        return 0;
    char *text = tool_copy((const char *)data + 1, size - 1);
    for (const char *at = text; *at; at++)
        rows += *at == '\n';
    if (reads_files(text) || !vectors_open(&vectors, "fuzz", text)) {
        free(text);
        return 0;
    }
    vectors.quiet = true;
    bool ok = data[0] % 3 == 0 ? conform_encoding(&vectors, "fuzz")
                               : conform_steps(&vectors, "fuzz", data[0] % 3 == 1);
    if (ok && vectors.passed + vectors.failed > rows)
        abort();
    vectors_close(&vectors);
    return 0;
}
