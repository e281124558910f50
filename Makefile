# SPDX-License-Identifier: MIT
# dpusim: `make help` lists the targets. Everything is built under build/.

B ?= build
CC ?= gcc
PKGS := libelf libdw
OPT ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wvla -Werror
CPPFLAGS += -Iisa -Isim -I$(B)/gen -D_GNU_SOURCE
CFLAGS += -std=c11 $(OPT) $(WARN) -fPIC -fvisibility=hidden -MMD -MP
LDLIBS_LIB := $(shell pkg-config --libs $(PKGS))
LDLIBS_TOOL := $(shell pkg-config --libs jansson)
LDLIBS_TEST := $(shell pkg-config --libs check)

LIB_SRC := $(filter-out isa/gen_tables.c,$(wildcard isa/*.c sim/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/obj/%.o)
TOOL_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tools/*.c))
TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_*.c))
GEN := $(B)/gen/isa_tables.inc

all: $(B)/bin/dpusim $(B)/lib/libdpusim.so

$(B)/obj/isa/gen_tables: isa/gen_tables.c $(wildcard isa/*.def) isa/isa.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c11 -O1 $(WARN) -o $@ $<

$(GEN): $(B)/obj/isa/gen_tables
	@mkdir -p $(@D)
	$< > $@.tmp && mv $@.tmp $@

$(B)/obj/%.o: %.c $(GEN)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/lib/libdpusim.a: $(LIB_OBJ)
	@mkdir -p $(@D)
	rm -f $@ && ar rcs $@ $^

$(B)/lib/libdpusim.so: $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -shared -o $@ $^ $(LDLIBS_LIB)

$(B)/bin/dpusim: $(TOOL_OBJ) $(B)/lib/libdpusim.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS_LIB) $(LDLIBS_TOOL)

$(B)/tests/%: tests/%.c $(B)/lib/libdpusim.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS) -o $@ $< $(B)/lib/libdpusim.a $(LDLIBS_LIB) $(LDLIBS_TEST)

clean:
	rm -rf $(B)

.PHONY: all clean
-include $(LIB_OBJ:.o=.d) $(TOOL_OBJ:.o=.d) $(TESTS:=.d)
