/* SPDX-License-Identifier: MIT */
/* The command `dpusim` from outside: exit codes, what stands on which stream, JSON, traces, dumps
 * and sets, bad command lines, misbehaving programs, conformance files. Each test runs the built
 * binary in a directory of its own. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sanitized.h"

/* ------------------------------------------------------------------ the directory ------------- */

struct program {
    const char *name, *text;
};

#define HEAD                                                                                       \
    ".section .text.__bootstrap,\"ax\",@progbits\n.globl __bootstrap\n"                            \
    ".type __bootstrap,@function\n__bootstrap:\n"
#define DATA ".section .data.test,\"aw\",@progbits\n.p2align 3\n"
#define OBJECT(name, size)                                                                         \
    ".globl " name "\n.type " name ",@object\n.size " name ", " size "\n.p2align 3\n" name ":\n"

/* clang-format off */
/* sum = n + 1, and objects of several sizes. */
static const char sum_text[] =
    HEAD " lw r0, zero, n\n add r0, r0, 1\n sw zero, sum, r0\n"
         "__sys_end:\n stop true, __sys_end\n" DATA
    /* WRAM objects, each followed by something that is not theirs */
    OBJECT("n", "4") ".word 41\n.word 0\n"
    OBJECT("sum", "4") ".word 0\n.word 0\n"
    OBJECT("wide", "8") ".quad 0x8000000000000001\n"
    OBJECT("bytes", "3") ".byte 1, 2, 255\n"
    OBJECT("pair", "2") ".half 0xfffe\n"
    OBJECT("real", "8") ".word 0x3fc00000, 0xbf000000\n"
    ".globl bare\n.p2align 3\nbare: .word 7\n"
    ".section .mram,\"aw\",@progbits\n" OBJECT("bulk", "16") ".word 1, 2, 3, 4\n";

/* clang-format on */
/* Tasklet 0 boots tasklet 1, which goes to sleep; tasklet 0 ends. */
static const char sleep_text[] =
    HEAD " jnz id, nap\n boot id, 1\n__sys_end:\n stop true, __sys_end\n"
         ".type nap,@function\nnap:\n add r0, id, 5\n stop\n stop true, __sys_end\n";

static const char fault_text[] =
    HEAD " move r0, 1\n.type bad,@function\nbad:\n fault 3\n stop true, .\n";

static const char store_text[] = HEAD " move r0, 0x10000\n sw r0, 4, r0\n stop true, .\n";

static const char dma_text[] =
    HEAD " move r0, 0\n move r1, 0x4000000\n ldma r0, r1, 0\n stop true, .\n";

static const char loop_text[] = HEAD " nop\n.type spin,@function\nspin:\n jump spin\n";

static const char illegal_text[] = HEAD " nop\n .quad 0x7f421baec49c\n stop true, .\n";

/* printf("Hi %d\n", 5) as the run-time library leaves it: 24 bytes in MRAM, write position 24. */
static const char print_text[] = HEAD
    " move r0, record\n move r1, __stdout_buffer\n sdma r0, r1, 2\n move r0, 24\n"
    " sw zero, __stdout_buffer_state, r0\n stop true, .\n" DATA OBJECT(
        "record",
        "24") ".ascii \"%s%d%s\"\n.byte 0\n.ascii \"Hi \"\n.byte 0, 5, 0, 0, 0\n.ascii \"\\n\"\n"
              ".zero 8\n" OBJECT("__stdout_buffer_state",
                                 "8") ".quad 0\n"
                                      ".section .mram.noinit,\"aw\",@nobits\n" OBJECT(
                                          "__stdout_buffer", "64") ".zero 64\n";

static const struct program programs[] = {
    {"sum", sum_text}, {"sleep", sleep_text}, {"fault", fault_text}, {"store", store_text},
    {"dma", dma_text}, {"loop", loop_text},   {"print", print_text}, {"illegal", illegal_text},
};

static char directory[] = "/tmp/dpusim-cli-......";

struct result {
    int code; /* 128 + n for signal n */
    char *out, *err;
};

static char *read_text(const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    char *text = malloc(1 << 20);
    size_t len = fread(text, 1, (1 << 20) - 1, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

static void write_text(const char *name, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

/* `sh -c command` in the directory, where $D is the command under test. */
static struct result run(const char *command)
{
    struct result result;
    static const char frame[] = "cd %s && { %s\n} > .out 2> .err < /dev/null";
    char *line = malloc(strlen(command) + sizeof frame + sizeof directory);
    sprintf(line, frame, directory, command);
    int status = system(line);
    free(line);
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.out = read_text(".out");
    result.err = read_text(".err");
    return result;
}

static void release(struct result *result)
{
    free(result->out);
    free(result->err);
}

static void must(const char *command)
{
    struct result result = run(command);
    ck_assert_msg(result.code == 0, "%s: exit code %d: %s", command, result.code, result.err);
    release(&result);
}

static void setup(void)
{
    const char *binary = getenv("DPUSIM");
    memset(directory + strlen(directory) - 6, 'X', 6);
    setenv("D", binary ? binary : BUILD_DIR "/bin/dpusim", 1);
    setenv("LC_ALL", "C", 1);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        char name[32], command[256];
        snprintf(name, sizeof name, "%s.s", programs[i].name);
        write_text(name, programs[i].text);
        snprintf(
            command, sizeof command,
            "\"$D\" asm -g %s.s && \"$D\" link --no-gc-sections --nr-tasklets=2 -o %s.elf %s.o",
            programs[i].name, programs[i].name, programs[i].name);
        must(command);
    }
}

static void teardown(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
}

/* ------------------------------------------------------------------ rows ---------------------- */

struct row {
    const char *command;
    int code;
    const char *out, *err; /* must be in it; NULL: the stream stays empty; "": anything */
};

static const struct row usage_rows[] = {
    {"$D", 2, NULL, "Usage: dpusim VERB"},
    {"$D --version", 0, "dpusim 0.", NULL},
    {"$D help", 0, "conformance", NULL},
    {"$D run --help", 0, "--max-instructions=N", NULL},
    {"$D help run", 0, "--dump=SYM", NULL},
    {"$D runn", 2, NULL, "did you mean \"run\""},
    {"$D rnu", 2, NULL, "did you mean \"run\""},
    {"$D --frobnicate", 2, NULL, "unknown option"},
    {"$D help diss", 2, NULL, "did you mean \"dis\""},
    {"$D run --max-instruction=3 sum.elf", 2, NULL, "did you mean --max-instructions"},
    {"$D run --json=yes sum.elf", 2, NULL, "takes no value"},
    {"$D run sum.elf --set", 2, NULL, "needs a value"},
    {"$D run -x sum.elf", 2, NULL, "unknown option -x"},
    {"$D run", 2, NULL, "operand missing"},
    {"$D run sum.elf sum.elf", 2, NULL, "too many"},
    {"$D run --max-instructions=ten sum.elf", 2, NULL, "\"ten\" is not a number"},
    {"$D run --max-instructions=99999999999999999999 sum.elf", 2, NULL, "is not a number"},
    {"$D run --timeout=1,5 sum.elf", 2, NULL, "is not a number of seconds"},
    {"$D run --mode=fast sum.elf", 2, NULL, "functional or cycle is wanted"},
    {"$D run --chip=v2 sum.elf", 2, NULL, "v1A, v1B or program"},
    {"$D run --max-cycles=3 sum.elf", 2, NULL, "needs --mode=cycle"},
    {"$D run --json --trace=- sum.elf", 2, NULL, "standard output"},
    {"$D run -t 3 sum.elf", 2, NULL, "needs --trace"},
    {"$D run -t 24 --trace=t sum.elf", 2, NULL, "0 to 23"},
    {"$D run --timing wake_latencie=3 sum.elf", 2, NULL, "wake_latency"},
    {"$D run --timing wake_latency sum.elf", 2, NULL, "NAME=VALUE"},
    {"$D run --inject bpk:pc=0 sum.elf", 2, NULL, "bkp"},
    {"$D link --nr-tasklets=25 sum.o", 2, NULL, "1 to 24"},
    {"$D link --stack-size=12 sum.o", 2, NULL, "multiple of 8"},
    {"$D link --stack-size-of=x sum.o", 2, NULL, "T=BYTES"},
    {"$D link --defsym=A sum.o", 2, NULL, "NAME=VALUE"},
    {"$D asm -o a.o sum.s fault.s", 2, NULL, "-o names one object"},
    {"$D asm -", 2, NULL, "needs -o"},
    {"$D help --markdown timings", 2, NULL, "did you mean \"timing\""},
    {"$D dis", 2, NULL, "operand missing"},
    {"$D run -- --help", 3, NULL, "--help"},
    {"NO_COLOR=1 TERM=dumb $D runn", 2, NULL, "did you mean \"run\""},
};

static const struct row input_rows[] = {
    {"$D run missing.elf", 3, NULL, "No such file"},
    {"$D run .", 3, NULL, ""},
    {"$D run sum.s", 3, NULL, "not an ELF file"},
    {"$D run sum.o", 3, NULL, "not linked"},
    {"$D run - < /dev/null", 3, NULL, "standard input"},
    {"$D run - <&-", 3, NULL, "standard input"},
    {"$D run --set m=1 sum.elf", 3, NULL, "\"m\" does not exist"},
    {"$D run --set summ=1 sum.elf", 3, NULL, "did you mean \"sum\""},
    {"$D run --set n=1,2 sum.elf", 3, NULL, "length 8 = 8 bytes, but the symbol has 4"},
    {"$D run --set n=4294967296 sum.elf", 2, NULL, "does not fit 32 bits"},
    {"$D run --set n:i8=-129 sum.elf", 2, NULL, "does not fit 8 bits"},
    {"$D run --set n=x sum.elf", 2, NULL, "\"x\" is not"},
    {"$D run --set n sum.elf", 2, NULL, "SYM=1,2,3"},
    {"$D run --set n=@missing.bin sum.elf", 3, NULL, "missing.bin"},
    {"$D run --set bare=1 sum.elf", 3, NULL, ".size bare"},
    {"$D run --dump bare sum.elf", 3, NULL, ".size bare"},
    {"$D run --dump n:u7 sum.elf", 2, NULL, "not a type"},
    {"$D run --dump bytes:u16 sum.elf", 3, NULL, "not a multiple"},
    {"$D run --dump n:u32[0] sum.elf", 2, NULL, "not a count"},
    {"$D run --dump n:u32[99999999] sum.elf", 3, NULL, "passes the end of WRAM"},
    {"$D run --dump n+4 sum.elf", 3, NULL, "offset 4, but the symbol has 4"},
    {"$D run --dump NR_TASKLETS sum.elf", 3, NULL, "not a place in a memory"},
    {"$D run --trace=no/such/file sum.elf", 3, NULL, "no/such/file"},
    {"$D run --stats=no/such/file sum.elf", 3, NULL, "no/such/file"},
    {"$D run --stats=/dev/full sum.elf", 3, NULL, "/dev/full"},
    {"$D run --stats=/proc/version sum.elf", 3, NULL, "cannot write /proc/version: "},
    {"$D run --json sum.elf > /dev/full", 3, NULL, "No space left"},
    {"$D help > /dev/full", 3, NULL, "No space left"},
    {"$D help >&-", 3, NULL, "standard output"},
    {"$D asm missing.s", 3, NULL, "missing.s"},
    {"$D asm -o no/such/a.o sum.s", 3, NULL, "no/such/a.o"},
    {"$D link missing.o", 3, NULL, "missing.o"},
    {"$D link -o x.elf sum.s", 3, NULL, "sum.s"},
    {"$D dis --words 12345678901234567", 3, NULL, "cannot open"},
    {"echo zz | $D dis --words -", 3, NULL, "\"zz\" is not a word"},
    {"$D elf sum.s", 3, NULL, "not an ELF file"},
    {"$D conformance sum.s", 3, "0 passed, 0 failed", "no vector file"},
    {"echo ' bad r0' | $D asm -o x.o -", 3, NULL, "bad"},
};

static const struct row run_rows[] = {
    {"$D run -q --dump sum sum.elf", 0, "sum = 42\n", NULL},
    {"$D run -q --set n=0x10 --dump sum --dump n sum.elf", 0, "sum = 17\nn = 16\n", NULL},
    {"$D run -q --set n=-2 --dump sum:i32 sum.elf", 0, "sum = -1\n", NULL},
    {"$D run -q --dump sum:x32 sum.elf", 0, "sum = 0x0000002a\n", NULL},
    {"$D run -q --dump sum:u8 sum.elf", 0, "sum = 42 0 0 0\n", NULL},
    {"$D run -q --dump bytes sum.elf", 0, "bytes = 1 2 255\n", NULL},
    {"$D run -q --dump bytes:i8 sum.elf", 0, "bytes = 1 2 -1\n", NULL},
    {"$D run -q --set bytes=9,8 --dump bytes sum.elf", 0, "bytes = 9 8 255\n", NULL},
    {"$D run -q --set pair=65534 --dump pair:i16 sum.elf", 0, "pair = -2\n", NULL},
    {"$D run -q --dump wide:u64 sum.elf", 0, "wide = 9223372036854775809\n", NULL},
    {"$D run -q --set wide=-1 --dump wide:x64 sum.elf", 0, "wide = 0xffffffffffffffff\n", NULL},
    {"$D run -q --dump real:f32 sum.elf", 0, "real = 1.5 -0.5\n", NULL},
    {"$D run -q --set real:f64=0.25 --dump real:f64 sum.elf", 0, "real = 0.25\n", NULL},
    {"$D run -q --dump bulk sum.elf", 0, "bulk = 1 2 3 4\n", NULL},
    {"$D run -q --dump bulk+8:u32[1] sum.elf", 0, "bulk+8 = 3\n", NULL},
    {"$D run -q --set bulk+4=9 --dump bulk sum.elf", 0, "bulk = 1 9 3 4\n", NULL},
    {"$D run -q --dump bare:u32[1] sum.elf", 0, "bare = 7\n", NULL},
    {"printf abcd > b.bin; $D run -q --set bytes+1:u8[2]=@b.bin sum.elf", 3, NULL, "4 bytes given"},
    {"printf ab > b.bin; $D run -q --set bytes+1=@b.bin --dump bytes sum.elf", 0,
     "bytes = 1 97 98\n", NULL},
    {"$D run -q --dump sum - < sum.elf", 0, "sum = 42\n", NULL},
    {"$D run sum.elf", 0, NULL, "done: 4 instructions, 4 cycles"},
    {"$D run --mode=cycle sum.elf", 0, NULL, "Where the cycles went"},
    {"$D run --mode=cycle --timing wake_latency=3 sum.elf", 0, NULL, "done: 4 instructions"},
    {"$D run print.elf", 0, "Hi 5\n", "done"},
    {"$D run sleep.elf", 0, NULL, "tasklet 1 at nap+2"},
    {"$D run --strict sleep.elf", 1, NULL, "tasklet 1 at nap+2"},
    {"$D run -q --strict sleep.elf", 1, NULL, NULL},
    {"$D run fault.elf", 1, NULL, "3 (Assert)"},
    {"$D run fault.elf", 1, NULL, "fault.s:"},
    {"$D run store.elf", 1, NULL, "memory fault"},
    {"$D run dma.elf", 1, NULL, "dma fault"},
    {"$D run illegal.elf", 1, NULL, "illegal"},
    {"$D run --max-instructions=1000 loop.elf", 4, NULL, "limit of instructions reached: 1,000"},
    {"$D run --timeout=0.05 loop.elf", 4, NULL, "limit of host time reached"},
    {"$D run --mode=cycle --max-cycles=500 loop.elf", 4, NULL, "limit of cycles reached"},
    {"$D run --max-instructions=1000 loop.elf", 4, NULL, "tasklet 0 runs at spin"},
    {"$D run --inject mem:pc=1 sum.elf", 1, NULL, "memory fault"},
    {"$D run --inject bkp:code=2,pc=1 sum.elf", 1, NULL, "Division by Zero"},
    {"$D run -q --trace=- sum.elf | head -n 1", 0, "# dpusim", NULL},
    {"$D run -q --trace=- --max-instructions=1000000 loop.elf | head -n 1", 0, "# dpusim", NULL},
    {"$D run -q --trace=/dev/full --max-instructions=9999 --dump=spin:x64[1] loop.elf", 3,
     "spin = ", "the run goes on"},
    {"LC_ALL=de_DE.UTF-8 $D run -q --dump real:f32 sum.elf", 0, "real = 1.5 -0.5\n", NULL},
    {"mkdir -p 'a b\303\274'; cp sum.elf 'a b\303\274/'; $D run -q --dump sum 'a "
     "b\303\274/sum.elf'",
     0, "sum = 42\n", NULL},
    {"env -u HOME $D run -q --dump sum sum.elf", 0, "sum = 42\n", NULL},
    {"p=.; while [ ${#p} -lt 3900 ]; do p=$p/.; done; $D run -q --dump sum $p/sum.elf", 0,
     "sum = 42\n", NULL},
    {"(ulimit -s 256; $D run -q --dump sum sum.elf)", 0, "sum = 42\n", NULL},
    {"COLUMNS=20 $D run --help", 0, "Usage: dpusim run", NULL},
    {"$D run --order-seed=7 -q --dump sum sum.elf", 0, "sum = 42\n", NULL},
};

static const struct row other_rows[] = {
    {"$D dis --words 8c5f00000000 0x7c6300000000", 0, "jump r23\nnop\n", NULL},
    {"$D dis --words --raw 8c5f00000000", 0, "call zero, r23", NULL},
    {"echo '8c5f00000000 7c6300000000' | $D dis --words -", 0, "jump r23\nnop\n", NULL},
    {"$D dis --words 7f421baec49c", 0, ".quad 0x00007f421baec49c", NULL},
    {"$D dis --words ffff8c5f00000000", 0, ".quad", NULL},
    {"printf ' nop\\n .byte 1,2,3\\n' | $D asm -o odd.o - && $D dis odd.o", 0,
     "nop\n    1  000000030201  .quad 0x0000000000030201", NULL},
    {"$D dis fault.elf", 0, "bad:\n", NULL},
    {"$D dis fault.elf", 0, "fault.s:", NULL},
    {"$D dis fault.o", 0, "fault 3", NULL},
    {"$D elf sum.elf", 0, "Memory map", NULL},
    {"$D elf sum.elf", 0, "bulk", NULL},
    {"$D doctor", 0, "Everything is in order.\n", NULL},
    {"CC= PATH=/nowhere $D doctor", 3, "install a C compiler", NULL},
    {"UPMEM_PROFILE=backend=hw $D doctor", 3, "backend=simulator", NULL},
    {"$D help --man run", 0, ".TH dpusim-run 1", NULL},
    {"$D help --man dpusim", 0, ".TH dpusim 1", NULL},
    {"$D help --markdown instructions", 0, "973 forms and 105 aliases", NULL},
    {"$D help --markdown timing", 0, "| `timing.issue_spacing` | 11 |", NULL},
    {"$D help --markdown statistics", 0, "slots_contended", NULL},
    {"$D help --list", 0, "conformance\n", NULL},
    {"$D config --set timing.wake_latency=5", 0, "timing.wake_latency            5 ", NULL},
    {"DPUSIM_SET='study.dma_engines=2;clock_mhz=400' $D config", 0, "DPUSIM_SET", NULL},
    {"echo 'wake_latency = 7' > s.cfg; DPUSIM_CONFIG=s.cfg $D config --json", 0, "\"s.cfg:1\"",
     NULL},
    {"$D config --set timing.wakelatency=5", 2, NULL, "did you mean \"timing.wake_latency\"?"},
    {"$D config --set study.cache_bytes=9", 2, NULL, "no multiple of a set"},
    {"printf '\\nx=1\\n' > s.cfg; $D config --config=s.cfg", 2, NULL, "s.cfg:2: no setting"},
    {"$D config --config=no.cfg", 3, NULL, "no.cfg: No such file"},
    {"$D run --set timing.issue_spacing=20 --mode=cycle sum.elf", 0, NULL, "cycles"},
    {"$D run --cycle-from=insn:2 sum.elf", 0, NULL, "began after 2 instructions"},
    {"$D run --cycle-from=nowhere sum.elf", 2, NULL, "no such function"},
    {"$D run --cycle-from=insn:2 --cycle-until=insn:9 --max-cycles=1 sum.elf", 4, NULL, "limit"},
    {"$D run --mode=cycle --mix --stats=- -q sum.elf", 0, "mix_load", NULL},
    {"$D asm -g -o - sum.s | cmp - sum.o", 0, NULL, NULL},
    {"$D asm -o x.o - < sum.s", 0, NULL, NULL},
    {"printf '#if N == 4\\n nop\\n#endif\\n' > p.S; $D asm -D N=4 p.S && $D dis p.o", 0, "nop",
     NULL},
};

static void check_stream(const struct row *row, const char *name, const char *got,
                         const char *wanted)
{
    if (!wanted)
        ck_assert_msg(!*got, "%s: %s should be empty: %s", row->command, name, got);
    else
        ck_assert_msg(strstr(got, wanted) != NULL, "%s: \"%s\" is not on %s: %s", row->command,
                      wanted, name, got);
}

static void check_row(const struct row *row)
{
    struct result result = run(row->command);
    ck_assert_msg(result.code == row->code, "%s: exit code %d, not %d: %s", row->command,
                  result.code, row->code, result.err);
    check_stream(row, "stdout", result.out, row->out);
    check_stream(row, "stderr", result.err, row->err);
    release(&result);
}

START_TEST(a_wrong_command_line_is_explained)
{
    check_row(&usage_rows[_i]);
}
END_TEST

START_TEST(a_wrong_input_is_explained)
{
    check_row(&input_rows[_i]);
}
END_TEST

START_TEST(a_run_says_how_it_ended)
{
    check_row(&run_rows[_i]);
}
END_TEST

START_TEST(the_other_verbs_work)
{
    check_row(&other_rows[_i]);
}
END_TEST

START_TEST(help_of_a_verb_has_at_most_40_lines)
{
    must("for v in $($D help --list); do [ $($D $v --help | wc -l) -le 40 ] || exit 1; done");
    must("for v in $($D help --list); do $D $v --help | grep -q '.\\{81\\}' && exit 1; done; true");
}
END_TEST

#if !SANITIZED
#define FOUR_FILES "exec 3>&- 4>&- 5>&- 6>&-; ulimit -n 4; "
static const struct row limit_rows[] = {
    {"(ulimit -v 60000; $D run sum.elf)", 5, NULL, "out of memory (64 MiB address space)"},
    {"(" FOUR_FILES "$D run --trace=t sum.elf)", 3, NULL, "Too many open files"},
    {"(" FOUR_FILES "$D run -q --dump sum sum.elf)", 0, "sum = 42\n", NULL},
};

START_TEST(limits_of_the_shell_are_met_with_a_sentence)
{
    check_row(&limit_rows[_i]);
}
END_TEST
#endif

START_TEST(an_output_that_failed_is_not_left_behind)
{
    struct result result =
        run("(ulimit -f 0; trap '' XFSZ; $D link -o cut.elf sum.o); test -e cut.elf");
    ck_assert_int_eq(result.code, 1);
    release(&result);
}
END_TEST

/* ------------------------------------------------------------------ JSON ---------------------- */

static json_t *json_of(const char *command, int code)
{
    json_error_t error;
    struct result result = run(command);
    ck_assert_msg(result.code == code, "%s: exit code %d: %s", command, result.code, result.err);
    json_t *json = json_loads(result.out, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json != NULL, "%s: line %d: %s: %s", command, error.line, error.text, result.out);
    release(&result);
    return json;
}

static json_int_t integer_at(json_t *json, const char *key)
{
    json_t *value = json_object_get(json, key);
    ck_assert_msg(json_is_integer(value), "%s is no integer", key);
    return json_integer_value(value);
}

static const char *string_at(json_t *json, const char *key)
{
    json_t *value = json_object_get(json, key);
    ck_assert_msg(json_is_string(value), "%s is no string", key);
    return json_string_value(value);
}

START_TEST(json_of_a_finished_run)
{
    json_t *json = json_of("$D run --json --dump sum --dump bulk --dump sum:u8 sum.elf", 0);
    json_t *tasklets = json_object_get(json, "tasklets"), *tasklet = json_array_get(tasklets, 0);
    json_t *symbols = json_object_get(json, "symbols");
    ck_assert_str_eq(string_at(json, "status"), "done");
    ck_assert_str_eq(string_at(json, "mode"), "functional");
    ck_assert_str_eq(string_at(json, "chip"), "v1A");
    ck_assert(json_is_null(json_object_get(json, "fault")));
    ck_assert_ptr_null(json_object_get(json, "injected"));
    ck_assert_int_eq(integer_at(json, "instructions"), 4);
    ck_assert_int_eq(integer_at(json, "cycles"), 4);
    ck_assert_uint_eq(json_array_size(tasklets), 1);
    ck_assert_int_eq(integer_at(tasklet, "id"), 0);
    ck_assert_int_eq(integer_at(tasklet, "pc"), 3);
    ck_assert_int_eq(integer_at(tasklet, "instructions"), 4);
    ck_assert_int_eq(integer_at(json_object_get(tasklet, "dma"), "transfers"), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(tasklet, "registers")), 24);
    ck_assert_int_eq(integer_at(tasklet, "zf"), 0);
    ck_assert_int_eq(integer_at(tasklet, "cf"), 0);
    ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(symbols, "sum"), 0)), 42);
    ck_assert_uint_eq(json_array_size(json_object_get(symbols, "bulk")), 4);
    ck_assert_uint_eq(json_array_size(json_object_get(symbols, "sum:u8")), 4);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "asleep")), 0);
    json_decref(json);
}
END_TEST

START_TEST(json_of_a_fault)
{
    json_t *json = json_of("$D run --json fault.elf", 1), *fault = json_object_get(json, "fault");
    ck_assert_str_eq(string_at(json, "status"), "fault");
    ck_assert_str_eq(string_at(fault, "kind"), "breakpoint");
    ck_assert_int_eq(integer_at(fault, "code"), 3);
    ck_assert_int_eq(integer_at(fault, "tasklet"), 0);
    ck_assert_int_eq(integer_at(fault, "pc"), 1);
    ck_assert(json_is_null(json_object_get(fault, "address")));
    ck_assert_str_eq(string_at(fault, "symbol"), "bad");
    ck_assert_ptr_nonnull(strstr(string_at(fault, "file"), "fault.s"));
    ck_assert_int_gt(integer_at(fault, "line"), 0);
    ck_assert_int_eq(integer_at(json_array_get(json_object_get(json, "tasklets"), 0), "pc"), 2);
    json_decref(json);
}
END_TEST

START_TEST(json_of_memory_and_dma_faults_has_the_address)
{
    json_t *json = json_of("$D run --json store.elf", 1), *fault = json_object_get(json, "fault");
    ck_assert_str_eq(string_at(fault, "kind"), "memory");
    ck_assert_int_eq(integer_at(fault, "address"), 0x10004);
    ck_assert(json_is_null(json_object_get(fault, "code")));
    json_decref(json);
    json = json_of("$D run --json dma.elf", 1);
    fault = json_object_get(json, "fault");
    ck_assert_str_eq(string_at(fault, "kind"), "dma");
    ck_assert_int_eq(integer_at(fault, "address"), 0x4000000);
    json_decref(json);
}
END_TEST

START_TEST(json_says_that_a_fault_was_injected)
{
    json_t *json = json_of("$D run --json --inject dma:pc=2 sum.elf", 1);
    ck_assert(json_is_true(json_object_get(json, "injected")));
    json_t *fault = json_object_get(json, "fault");
    ck_assert_str_eq(string_at(fault, "kind"), "dma");
    ck_assert(json_is_null(json_object_get(fault, "address"))); /* nothing was accessed */
    json_decref(json);
}
END_TEST

START_TEST(json_lists_sleeping_tasklets)
{
    json_t *json = json_of("$D run --json sleep.elf", 0);
    json_t *asleep = json_object_get(json, "asleep"), *first = json_array_get(asleep, 0);
    ck_assert_str_eq(string_at(json, "status"), "done");
    ck_assert_uint_eq(json_array_size(asleep), 1);
    ck_assert_int_eq(integer_at(first, "tasklet"), 1);
    ck_assert_int_eq(integer_at(first, "pc"), 5);
    ck_assert_str_eq(string_at(first, "symbol"), "nap+2");
    json_decref(json);
}
END_TEST

START_TEST(json_of_a_limit)
{
    json_t *json = json_of("$D run --json --max-instructions=100 loop.elf", 4);
    ck_assert_str_eq(string_at(json, "status"), "limit");
    ck_assert_int_eq(integer_at(json, "instructions"), 100);
    json_decref(json);
}
END_TEST

START_TEST(json_has_the_log)
{
    json_t *json = json_of("$D run --json print.elf", 0);
    ck_assert_str_eq(string_at(json, "log"), "Hi 5\n");
    json_decref(json);
}
END_TEST

START_TEST(json_numbers_beyond_63_bits_are_plain)
{
    struct result result = run("$D run --json --dump wide:u64 sum.elf");
    ck_assert_ptr_nonnull(strstr(result.out, "[9223372036854775809]"));
    release(&result);
}
END_TEST

START_TEST(json_of_elf_adds_up)
{
    json_t *json = json_of("$D elf --json sum.elf", 0);
    json_t *wram = json_object_get(json_object_get(json, "memories"), "WRAM");
    ck_assert_int_eq(integer_at(wram, "used") + integer_at(wram, "free"), integer_at(wram, "size"));
    ck_assert_uint_gt(json_array_size(json_object_get(json, "symbols")), 3);
    json_decref(json);
}
END_TEST

START_TEST(statistics_are_written_as_json_and_csv)
{
    json_t *json = json_of("$D run -q --mode=cycle --stats=s.json sum.elf && cat s.json", 0);
    json_t *dpu = json_array_get(json_object_get(json, "dpus"), 0);
    ck_assert_str_eq(string_at(json, "schema"), "dpusim-stats-1");
    ck_assert_str_eq(string_at(json_object_get(json, "config"), "mode"), "cycle");
    ck_assert_int_eq(integer_at(dpu, "instructions"), 4);
    ck_assert_int_gt(integer_at(dpu, "cycles"), 4);
    json_decref(json);
    must("$D run -q --stats=s.csv sum.elf && grep -qx '0,0,instructions,4,instructions' s.csv");
    must("head -n 1 s.csv | grep -qx 'dpu,tasklet,key,value,unit'");
}
END_TEST

/* ------------------------------------------------------------------ trace --------------------- */

START_TEST(a_trace_has_one_line_per_instruction)
{
    must("$D run -q --trace=t.txt sum.elf && [ $(grep -vc '^#' t.txt) = 4 ] && grep -q '^#' t.txt");
    must("grep -q '1  0@0x80000000 lw r0, zero' t.txt");
    must("grep -q ' ; read 0x000000.. n = 0x00000029' t.txt");
    must("grep -q 'add r0, r0, 0x1  *; r0=0x00000029 -> r0=0x0000002a zf=0 cf=0' t.txt");
    must("grep -q ' ; write 0x000000.. sum = 0x0000002a' t.txt");
}
END_TEST

START_TEST(a_trace_of_one_tasklet_has_only_its_lines)
{
    must("$D run -q --trace=t.txt -t 1 sleep.elf; grep -v '^#' t.txt | grep -q ' 1@0x'");
    must("! grep -v '^#' t.txt | grep -q ' 0@0x'");
}
END_TEST

START_TEST(a_trace_does_not_change_the_result)
{
    must("$D run -q --json sleep.elf > a; $D run -q --json --trace=t.txt sleep.elf > b; cmp a b");
}
END_TEST

/* ------------------------------------------------------------------ conformance --------------- */

#define ENCODING "word\tsignature\ttext\traw\tasm\n"
#define SEMANTICS                                                                                  \
    "signature\tword\ttext\tid\tpc\tregs_in\tcf\tzf\tregs_out\tcf_out\tzf_out\ttaken\tpc_out\t"    \
    "fault\tconfidence\n"
#define MEMORY                                                                                     \
    "signature\tword\ttext\tid\tregs_in\tmem_at\tmem_in\tregs_out\tmem_out\tfault\tconfidence\n"

START_TEST(encoding_vectors_are_checked)
{
    write_text("e.tsv", "# comment\n" ENCODING "7c6300000000\tnop:\tnop\tnop\tyy\n"
                        "8c5f00000000\tcall:zri\tjump r23\tcall zero, r23, 0x0\tyy\n"
                        "7f421baec49c\tILLEGAL\t-\t-\t--\n");
    struct result result = run("$D conformance e.tsv");
    ck_assert_msg(strstr(result.out, "3 passed, 0 failed") ||
                      strstr(result.out, "2 passed, 1 failed"),
                  "%s", result.out);
    release(&result);
}
END_TEST

START_TEST(failing_encoding_rows_are_shown)
{
    write_text("e.tsv", ENCODING "8c5f00000000\tcall:zri\tjump r22\tcall zero, r23, 0x0\tyy\n"
                                 "8c5f00000000\tcall:zri\tjump r99\tcall zero, r23, 0x0\tyy\r\n"
                                 "8c5f00000000\tadd:rri\tjump r23\tcall zero, r23, 0x0\tyy\n"
                                 "8c5f00000000\tcall:zri\tjump r23\tcall zero, r23, 0x0\tyy");
    struct result result = run("$D conformance e.tsv");
    ck_assert_int_eq(result.code, 1);
    ck_assert_ptr_nonnull(strstr(result.out, "e.tsv:2: 8c5f00000000"));
    ck_assert_ptr_nonnull(strstr(result.out, "expected \"jump r22\" got \"jump r23\""));
    ck_assert_ptr_nonnull(strstr(result.out, "assembling \"jump r99\": "));
    ck_assert_ptr_nonnull(strstr(result.out, "decodes to call:zri"));
    ck_assert_ptr_nonnull(strstr(result.out, "\n1 passed, 3 failed\n"));
    release(&result);
}
END_TEST

START_TEST(semantics_vectors_are_checked)
{
    write_text(
        "s.tsv", SEMANTICS
        "add:rri\t000300100000\tadd r0, r0, 0x1\t5\t0f06\tr0=00000007\t0\t1\tr0=00000008\t0\t0\t"
        "-\t0f07\t-\thigh\n"
        "add:rri\t000300100000\tadd r0, r0, 0x1\t5\t0f06\tr0=00000007\t0\t1\tr0=00000009\t0\t1\t"
        "-\t0f08\tmem\thigh\n");
    struct result result = run("$D conformance s.tsv");
    ck_assert_int_eq(result.code, 1);
    ck_assert_ptr_nonnull(strstr(result.out,
                                 "s.tsv:3: 000300100000 add r0, r0, 0x1: r0 expected "
                                 "00000009 got 00000008; zf expected 1 got 0; pc expected "
                                 "0f08 got 0f07; fault expected mem got -"));
    ck_assert_ptr_nonnull(strstr(result.out, "\n1 passed, 1 failed\n"));
    release(&result);
}
END_TEST

START_TEST(memory_vectors_are_checked)
{
    write_text("m.tsv", MEMORY
               "lw:rri\t73db44cfffff\tlw r7, r22, -4\t3\tr22=00000104,r7=00000000\t100\t"
               "0102030405060708\tr22=00000104,r7=04030201\t0102030405060708\t-\thigh\n"
               "lw:rri\t73db44cfffff\tlw r7, r22, -4\t3\tr22=00000104,r7=00000000\t100\t"
               "0102030405060708\tr22=00000104,r7=04030201\t0902030405060708\t-\thigh\n"
               "lw:rri\t73db44cfffff\tlw r7, r22, -4\t3\tr22=0001ff00\tzz\t01\tr22\t02\t-\thigh\n");
    struct result result = run("$D conformance m.tsv");
    ck_assert_int_eq(result.code, 1);
    ck_assert_ptr_nonnull(strstr(result.out, "byte 0100 expected 09 got 01"));
    ck_assert_ptr_nonnull(strstr(result.out, "is not a hexadecimal number"));
    ck_assert_ptr_nonnull(strstr(result.out, "\n1 passed, 2 failed\n"));
    release(&result);
}
END_TEST

#define LOOP(tcase, test, rows) tcase_add_loop_test(tcase, test, 0, sizeof rows / sizeof rows[0])

int main(void)
{
    Suite *suite = suite_create("tools.dpusim");
    TCase *normal = tcase_create("normal"), *bad = tcase_create("bad_input");
    tcase_add_unchecked_fixture(normal, setup, teardown);
    tcase_add_unchecked_fixture(bad, setup, teardown);
    LOOP(normal, a_run_says_how_it_ended, run_rows);
    LOOP(normal, the_other_verbs_work, other_rows);
    tcase_add_test(normal, help_of_a_verb_has_at_most_40_lines);
    tcase_add_test(normal, json_of_a_finished_run);
    tcase_add_test(normal, json_of_a_fault);
    tcase_add_test(normal, json_of_memory_and_dma_faults_has_the_address);
    tcase_add_test(normal, json_says_that_a_fault_was_injected);
    tcase_add_test(normal, json_lists_sleeping_tasklets);
    tcase_add_test(normal, json_of_a_limit);
    tcase_add_test(normal, json_has_the_log);
    tcase_add_test(normal, json_numbers_beyond_63_bits_are_plain);
    tcase_add_test(normal, json_of_elf_adds_up);
    tcase_add_test(normal, statistics_are_written_as_json_and_csv);
    tcase_add_test(normal, a_trace_has_one_line_per_instruction);
    tcase_add_test(normal, a_trace_of_one_tasklet_has_only_its_lines);
    tcase_add_test(normal, a_trace_does_not_change_the_result);
    tcase_add_test(normal, encoding_vectors_are_checked);
    tcase_add_test(normal, semantics_vectors_are_checked);
    tcase_add_test(normal, memory_vectors_are_checked);
    LOOP(bad, a_wrong_command_line_is_explained, usage_rows);
    LOOP(bad, a_wrong_input_is_explained, input_rows);
    tcase_add_test(bad, an_output_that_failed_is_not_left_behind);
#if !SANITIZED
    tcase_add_loop_test(bad, limits_of_the_shell_are_met_with_a_sentence, 0,
                        sizeof limit_rows / sizeof limit_rows[0]);
#endif
    tcase_add_test(bad, failing_encoding_rows_are_shown);
    suite_add_tcase(suite, normal);
    suite_add_tcase(suite, bad);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
