# SPDX-License-Identifier: MIT
# dpusim: `make help` lists the targets. Everything is built under build/ (or B=DIR).

B ?= build
CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
OPT ?= -O2 -g
PREFIX ?= /usr/local
DESTDIR ?=
T ?= 60
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
COVERAGE_MIN ?= 95
BRANCHES_MIN ?= 87
# Random instructions per seed of tests/test_model.c, there only.
COVERAGE_INSNS ?= 500
MUTANTS ?= 200
MUTATE_MIN ?= 85

VERSION := $(shell sed -n 's/^.define DPUSIM_VERSION "\(.*\)"/\1/p' sim/dpusim.h)
SONAME := libdpusim.so.0
PKGS := libelf libdw
ifneq ($(filter-out help clean format,$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell pkg-config --exists $(PKGS) jansson && echo found),found)
$(error libelf, libdw or jansson not found. Install what dpusim needs with: sh scripts/packages.sh build)
endif
endif

# -iquote, not -I: no header of ours may stand in for one of the C library.
WARN := -Wall -Wextra -Wshadow -Wvla -Werror
CPPFLAGS += -iquote isa -iquote sim -iquote $(B)/gen -D_GNU_SOURCE
CFLAGS += -std=c11 $(OPT) $(WARN) -fPIC -fvisibility=hidden
DEPS = -MMD -MP -MF $@.d
LDLIBS_LIB := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm
# With libffi hooks can pass calls on to host functions of any signature.
ifeq ($(shell pkg-config --exists libffi && echo found),found)
LDLIBS_LIB += $(shell pkg-config --libs libffi)
$(B)/obj/sim/double.o: CPPFLAGS += -DDPUSIM_HAS_FFI $(shell pkg-config --cflags libffi)
endif
LDLIBS_TOOL := $(shell pkg-config --libs jansson 2>/dev/null)
LDLIBS_TEST := $(shell pkg-config --libs check jansson 2>/dev/null)
TEST_CPPFLAGS := -iquote tests -DSOURCE_DIR='"$(CURDIR)"' -DBUILD_DIR='"$(abspath $(B))"'

LIB_SRC := $(filter-out isa/gen_tables.c,$(wildcard isa/*.c sim/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/obj/%.o)
TOOL_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tools/*.c))
TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_*.c))
TEST_SCRIPTS := $(wildcard tests/test_*.sh)
FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
BENCHES := $(patsubst benchmarks/%.c,$(B)/benchmarks/%,$(filter-out benchmarks/host.c,$(wildcard benchmarks/*.c)))
# Programs that embed a DPU; hosts with the SDK's API are built by driver/driver.mk.
EXAMPLES := $(patsubst %.c,$(B)/%,$(wildcard examples/*/embed.c))
GEN := $(B)/gen/isa_tables.inc $(B)/gen/form_facts.inc
HEADERS := isa/isa.h isa/sizes.h sim/dpusim.h sim/dpusim_check.h $(wildcard isa/*.def sim/*.def)
LIB_A := $(B)/lib/libdpusim.a
LINK_LIB := $(LIB_A) $(LDLIBS_LIB)

all: ## build the command, the library and the build tree's environment (default)
all: $(B)/bin/dpusim $(B)/lib/libdpusim.so $(LIB_A) $(B)/env.sh $(B)/upmem_env.sh $(B)/lib/pkgconfig/dpusim.pc

help: ## list the targets
	@echo 'make [TARGET] [B=build] [CC=gcc] [OPT="-O2 -g"]'
	@awk -F': ## ' '/^[a-z-]+: ## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- library and command ------------------------------------------------------------------------

# Changed flags rebuild everything.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CPPFLAGS) $(CFLAGS)' | cmp -s - $@ || echo '$(CC) $(CPPFLAGS) $(CFLAGS)' > $@

$(B)/obj/isa/gen_tables: isa/gen_tables.c $(wildcard isa/*.def) isa/isa.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c11 -O1 $(WARN) -o $@ $<

$(B)/gen/isa_tables.inc: $(B)/obj/isa/gen_tables
	@mkdir -p $(@D)
	$< > $@.tmp && mv $@.tmp $@

$(B)/gen/form_facts.inc: $(B)/obj/isa/gen_tables
	@mkdir -p $(@D)
	$< facts > $@.tmp && mv $@.tmp $@

# Flags that the engine is faster with, as far as the compiler knows them.
cc-option = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(1))
$(B)/obj/sim/engine.o $(B)/obj/sim/engine_hot.o $(B)/obj/sim/engine_pairs.o $(B)/obj/sim/exec.o: CFLAGS += $(call cc-option,-fno-tree-ter) \
    $(call cc-option,-fcf-protection=none) -fno-stack-protector -fomit-frame-pointer

$(B)/obj/%.o: %.c $(GEN) $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(DEPS) -c -o $@ $<

$(LIB_A): $(LIB_OBJ)
	@mkdir -p $(@D)
	@rm -f $@
	ar rcs $@ $^

$(B)/lib/$(SONAME): $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -shared -Wl,-soname,$(SONAME) -o $@ $^ $(LDLIBS_LIB)

$(B)/lib/libdpusim.so: $(B)/lib/$(SONAME)
	@ln -sf $(SONAME) $@

$(B)/bin/dpusim: $(TOOL_OBJ) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $(TOOL_OBJ) $(LINK_LIB) $(LDLIBS_TOOL)

$(B)/include/dpusim: $(HEADERS)
	@rm -rf $@ && mkdir -p $@
	@cp $(HEADERS) $@

$(B)/lib/pkgconfig/dpusim.pc: $(B)/include/dpusim scripts/write-pc
	@mkdir -p $(@D)
	@scripts/write-pc dpusim $(VERSION) $(abspath $(B)) > $@

$(B)/env.sh: scripts/write-env
	@mkdir -p $(@D)
	@scripts/write-env '$(abspath $(B))' '' python > $@

$(B)/upmem_env.sh: | $(B)/env.sh
	@ln -sf env.sh $@

include compiler/compiler.mk
include driver/driver.mk
include python/python.mk
include runtime/runtime.mk
include tools/tools.mk

# ---- tests --------------------------------------------------------------------------------------

test: ## build and run every test; the last line counts them
test: all test-programs
	@scripts/run-tests -B $(B) -j $(JOBS) $(TESTS) $(TEST_SCRIPTS) $(FUZZ:%=scripts/check-seeds:%) \
	    scripts/check-examples $(TEST_GATES)

# What need not, or cannot, run again under sanitizers and for coverage.
TEST_GATES ?= tests/check_install.sh tests/check_python.sh scripts/check-docs scripts/check-validate scripts/check-layers \
              scripts/check-bad-input \
              scripts/check-headers scripts/check-exports
test-programs: $(TESTS) $(BENCHES) $(EXAMPLES) $(HOSTS) $(FUZZ:%=$(B)/tests/%)

$(B)/tests/%: tests/%.c $(LIB_A) $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(TEST_CPPFLAGS) $(CFLAGS) $(DEPS) -o $@ $< $(LINK_LIB) $(LDLIBS_TEST)

$(B)/tests/fuzz_%: tests/fuzz/fuzz_%.c $(B)/obj/tests/fuzz/driver.o $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(DEPS) -o $@ $< $(B)/obj/tests/fuzz/driver.o $(LINK_LIB)

$(B)/benchmarks/%: benchmarks/%.c $(LIB_A) $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(DEPS) -o $@ $< $(LINK_LIB)

$(B)/examples/%: examples/%.c $(LIB_A) $(B)/flags $(B)/include/dpusim
	@mkdir -p $(@D)
	$(CC) -I$(B)/include $(CFLAGS) $(DEPS) -o $@ $< $(LINK_LIB)

demo: ## compile and run a kernel in C from C and Python; break it, read the report (2 screens)
demo: all
	@B=$(B) scripts/show-demo

validate: ## compare with hardware, write docs/explanation/validation.md (half an hour; MEASURED=1: less)
validate: all $(BENCHES)
	@$(B)/benchmarks/validate $(CURDIR)
	@. $(abspath $(B))/env.sh && PYTHONPATH=benchmarks:$$PYTHONPATH \
	    scripts/python --need numpy -m validation --build '$(B)' --jobs $(JOBS) $(if $(MEASURED),--measured)

bench: ## speed of the simulator and the compiler: one JSON line per figure
bench: all $(BENCHES) $(B)/benchmarks/host $(B)/bin/dpusim
	@B=$(B) benchmarks/run-bench

INJECTIONS ?= 40
fault-campaigns: ## inject faults into the examples, a table of outcomes (INJECTIONS=40 a row; minutes)
fault-campaigns: all
	@B=$(B) benchmarks/fault-campaigns $(INJECTIONS)

# The suite again in a build of its own, which is many times slower. SIM_OUT_OF_LINE: the engine's
# thousands of variants share their code, or to instrument it would take half an hour.
INSTRUMENTED := CK_FORK=no CK_DEFAULT_TIMEOUT=600 TEST_TIMEOUT=1800 \
    $(MAKE) --no-print-directory -j$(JOBS)
SANITIZE := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -DSIM_OUT_OF_LINE

check-asan: ## the whole suite under AddressSanitizer and UndefinedBehaviorSanitizer
	@ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 \
	    $(INSTRUMENTED) B=$(B)/asan test OPT='$(SANITIZE) -fsanitize=address,undefined' TEST_GATES=

check-tsan: ## the suite under ThreadSanitizer
	@$(INSTRUMENTED) B=$(B)/tsan test OPT='$(SANITIZE) -fsanitize=thread' TEST_GATES=

coverage: ## lines and branches by layer: fails below COVERAGE_MIN=95 %, BRANCHES_MIN=87 % of isa, sim
	@find $(B)/coverage -name '*.gcda' -delete 2>/dev/null || true
	@DPUSIM_MODEL_INSNS=$(COVERAGE_INSNS) $(INSTRUMENTED) B=$(B)/coverage test TEST_GATES=tests/check_python.sh \
	    OPT='-O0 -g --coverage -fprofile-update=atomic -DSIM_OUT_OF_LINE'
	@scripts/python scripts/show_coverage.py $(B)/coverage $(COVERAGE_MIN) $(BRANCHES_MIN)

fuzz: ## fuzz what reads files, texts and calls, T=60 seconds in all, or EACH=30 seconds per target
	@B=$(B)/fuzz T=$(T) EACH=$(EACH) RUNS=$(RUNS) JOBS=$(JOBS) MAKE='$(MAKE)' scripts/run-fuzz $(FUZZ)

soak: ## random programs, calls and files for T=60 seconds in all; memory must stay flat
soak: $(FUZZ:%=$(B)/tests/%)
	@B=$(B) T=$(T) RUNS=$(RUNS) JOBS=$(JOBS) scripts/run-soak $(FUZZ)

mutate: ## 200 small mistakes in the description of the instructions: do the tests notice?
mutate: all
	@scripts/python tests/mutation $(B) --mutants $(MUTANTS) --jobs $(JOBS) --min $(MUTATE_MIN)

# Used by scripts/run-fuzz, which sets CC and OPT.
fuzzers: $(FUZZ:%=$(B)/%)
$(B)/fuzz_%: tests/fuzz/fuzz_%.c $(LIB_A)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(DEPS) -fsanitize=fuzzer -o $@ $< $(LINK_LIB)

# ---- the rest -----------------------------------------------------------------------------------

lint: ## house rules, formatting, both compilers without a warning, shellcheck, cppcheck
lint: $(GEN) $(TOOLS_GEN)
	@B=$(B) scripts/lint

format: ## rewrite the C sources with clang-format
	@scripts/format

docs: ## write the generated reference pages to build/docs
docs: $(B)/bin/dpusim
	@B=$(B) scripts/make-docs

install: ## install into PREFIX (default /usr/local); DESTDIR is honoured
install: all docs
	@B=$(B) DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' SONAME=$(SONAME) VERSION=$(VERSION) \
	    DPU_SONAME=$(DPU_SONAME) SDK_VERSION=$(SDK_VERSION) scripts/install

clean: ## remove everything that was built
	rm -rf $(B)

FORCE:
.PHONY: all help test test-programs demo validate bench fault-campaigns check-asan check-tsan coverage fuzz soak \
        mutate fuzzers lint format docs install clean FORCE
.DELETE_ON_ERROR:
-include $(wildcard $(B)/obj/*/*.d $(B)/tests/*.d $(B)/benchmarks/*.d $(B)/examples/*/*.d $(B)/*.d)
