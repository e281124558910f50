/* SPDX-License-Identifier: MIT */
/* printf without formatting: the log holds records of a format and raw arguments, the host puts
 * them together. One print is one record, a stream of bytes written to MRAM in blocks of 8:
 *
 *   format    per conversion: %, flags, width, precision, l, letter; %s for each run of plain text;
 *             a width or precision that is an argument as digits
 *   0
 *   arguments in order: text with a 0; 1 byte for c; 8 bytes for l and for floating point; else 4
 *   padding   zeros to the end of the block, a whole block of zeros when the stream ends with one
 */
#include <atomic_bit.h>
#include <ctype.h>
#include <dpuruntime.h>
#include <mram.h>
#include <mutex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

extern __mram_ptr uint8_t __stdout_buffer[];
extern const unsigned int __stdout_buffer_size;
/* Reset at each launch. */
extern struct {
    uint32_t next; /* offset of the next block in the buffer */
    uint32_t has_wrapped;
} __stdout_buffer_state;

MUTEX_INIT(__stdout_buffer_lock);

/* Arguments from one on; a copy begins there again. */
struct arguments {
    va_list list;
};

/* The record being written; guarded by the lock. */
static struct {
    __dma_aligned uint8_t block[8];
    uint32_t used; /* bytes of the block */
    uint32_t start;
    bool wrapped;
} record;

static _Noreturn void overflow(void)
{
    __fault(__FAULT_PRINTF_OVERFLOW__);
    __builtin_unreachable();
}

static __noinline void write_block(void)
{
    mram_write(record.block, &__stdout_buffer[__stdout_buffer_state.next], 8);
    record.used = 0;
    __stdout_buffer_state.next += 8;
    if (__stdout_buffer_state.next >= __stdout_buffer_size) {
        if (record.wrapped)
            overflow();
        record.wrapped = true;
        __stdout_buffer_state.next = 0;
        __stdout_buffer_state.has_wrapped = 1;
    }
    if (record.wrapped && __stdout_buffer_state.next > record.start)
        overflow();
}

static __noinline void put_byte(uint8_t byte)
{
    record.block[record.used++] = byte;
    if (record.used == sizeof record.block)
        write_block();
}

static void put_bytes(const void *data, unsigned int size)
{
    for (const uint8_t *byte = data; size; size--)
        put_byte(*byte++);
}

static void put_text(const char *text)
{
    do
        put_byte((uint8_t)*text);
    while (*text++);
}

/* Debuggers know these two: a tasklet between them holds the lock. */
__noinline void __open_print_sequence(void);
__noinline void __close_print_sequence(void);

void __open_print_sequence(void)
{
    mutex_lock(__stdout_buffer_lock);
    record.used = 0;
    record.start = __stdout_buffer_state.next;
    record.wrapped = false;
}

void __close_print_sequence(void)
{
    do
        put_byte(0);
    while (record.used);
    mutex_unlock(__stdout_buffer_lock);
}

/* ---- formats: runs of plain text, in which %% is one character, and conversions ----------------
 */

static bool is_conversion(const char *c)
{
    return c[0] == '%' && c[1] != '%';
}

static const char *text_end(const char *c)
{
    while (*c && !is_conversion(c))
        c += c[0] == '%' ? 2 : 1;
    return c;
}

static bool is_length(char c)
{
    return c == 'l' || c == 'L' || c == 'z';
}

/* The letter that names the conversion; the end of the format when there is none. */
static const char *conversion_letter(const char *c)
{
    do
        c++;
    while (*c && (!isalpha((unsigned char)*c) || is_length(*c)));
    return c;
}

static bool has_long(const char *c, const char *letter)
{
    for (; c < letter; c++)
        if (*c == 'l' || *c == 'L')
            return true;
    return false;
}

static bool is_floating(char letter)
{
    int lower = letter | 0x20;
    return lower == 'a' || (lower >= 'e' && lower <= 'g');
}

static void put_number(uint32_t number)
{
    if (number >= 10)
        put_number(number / 10);
    put_byte((uint8_t)('0' + number % 10));
}

/* A * stands for an argument, which the format of the record holds as digits. A negative width is a
 * flag and a width, a negative precision is none. */
static void put_star(const char *c, int value)
{
    bool is_precision = c[-1] == '.';
    if (value < 0 && is_precision)
        return;
    if (is_precision)
        put_byte('.');
    if (value < 0)
        put_byte('-');
    put_number(value < 0 ? 0u - (uint32_t)value : (uint32_t)value);
}

static void put_conversion(const char *c, const char *letter, struct arguments *arguments)
{
    for (; c < letter; c++)
        if (*c == '*')
            put_star(c, va_arg(arguments->list, int));
        else if (*c != 'L' && *c != 'z' && !(c[0] == '.' && c[1] == '*'))
            put_byte((uint8_t)*c);
    put_byte(*letter == 'i' ? 'd' : (uint8_t)*letter);
}

static void skip_argument(const char *c, const char *letter, struct arguments *arguments)
{
    if (is_floating(*letter))
        (void)va_arg(arguments->list, double);
    else if (*letter != 's' && *letter != 'c' && has_long(c, letter))
        (void)va_arg(arguments->list, long);
    else
        (void)va_arg(arguments->list, int);
}

static void put_format(const char *c, struct arguments arguments)
{
    while (*c) {
        if (is_conversion(c)) {
            const char *letter = conversion_letter(c);
            if (!*letter)
                break; /* a % without a letter is dropped */
            put_conversion(c, letter, &arguments);
            skip_argument(c, letter, &arguments);
            c = letter + 1;
        } else {
            put_byte('%');
            put_byte('s');
            c = text_end(c);
        }
    }
    put_byte(0);
}

/* ---- arguments ---------------------------------------------------------------------------------
 */

static void put_plain_text(const char *c, const char *end)
{
    for (; c < end; c++) {
        put_byte((uint8_t)*c);
        if (*c == '%')
            c++;
    }
    put_byte(0);
}

static void put_argument(const char *c, const char *letter, struct arguments *arguments)
{
    for (const char *star = c; star < letter; star++)
        if (*star == '*')
            (void)va_arg(arguments->list, int); /* in the format already */
    if (*letter == 's') {
        put_text(va_arg(arguments->list, const char *));
    } else if (*letter == 'c') {
        put_byte((uint8_t)va_arg(arguments->list, int));
    } else if (is_floating(*letter)) {
        double number = va_arg(arguments->list, double);
        put_bytes(&number, sizeof number);
    } else if (has_long(c, letter)) {
        long number = va_arg(arguments->list, long);
        put_bytes(&number, sizeof number);
    } else {
        int number = va_arg(arguments->list, int);
        put_bytes(&number, sizeof number);
    }
}

static void put_arguments(const char *c, struct arguments arguments)
{
    while (*c) {
        if (!is_conversion(c)) {
            const char *end = text_end(c);
            put_plain_text(c, end);
            c = end;
            continue;
        }
        const char *letter = conversion_letter(c);
        if (!*letter)
            break;
        put_argument(c, letter, &arguments);
        c = letter + 1;
    }
}

/* ---- the functions of stdio.h ------------------------------------------------------------------
 */

void printf(const char *restrict format, ...)
{
    struct arguments arguments;
    va_start(arguments.list, format);
    __open_print_sequence();
    put_format(format, arguments);
    put_arguments(format, arguments);
    __close_print_sequence();
    va_end(arguments.list);
}

void puts(const char *text)
{
    __open_print_sequence();
    put_text("%s");
    while (*text)
        put_byte((uint8_t)*text++);
    put_text("\n");
    __close_print_sequence();
}

void putchar(int c)
{
    __open_print_sequence();
    put_text("%c");
    put_byte((uint8_t)c);
    __close_print_sequence();
}
