# SPDX-License-Identifier: MIT
# The device library: headers, and per chip crt0.o and librtdpu.a. Included by the Makefile.
#
# Assembly sources need our assembler only. C sources need the DPU compiler; without one
# (DPU_COMPILER is empty) the library has the assembly part.

DPU_SHARE := $(B)/share/upmem
DPU_INCLUDE := $(DPU_SHARE)/include
DPU_HEADERS_SRC := $(wildcard runtime/include/*/*.h)
DPU_HEADERS_OUT := $(DPU_HEADERS_SRC:runtime/include/%=$(DPU_INCLUDE)/%) \
    $(DPU_INCLUDE)/syslib/built_ins.h
RUNTIME_ASM := $(wildcard runtime/src/*.S)
RUNTIME_C := $(if $(DPU_COMPILER),$(wildcard runtime/src/*.c))
RUNTIME_ASM_DEPS := $(wildcard runtime/src/*.inc) $(DPU_HEADERS_OUT) $(B)/bin/dpusim
RUNTIME_C_DEPS := $(wildcard runtime/src/*.inc runtime/src/*.h) $(DPU_HEADERS_OUT) $(DPU_COMPILER)
DPU_CHIPS := v1A v1B
DPU_INCLUDES := -I $(DPU_INCLUDE)/stdlib -I $(DPU_INCLUDE)/syslib -I runtime/src -I isa

# A routine that copies or fills memory must not be compiled into a call of itself.
RUNTIME_CFLAGS := -O2 -g -std=gnu11 -Wall -Wextra -Wshadow -Werror -fno-builtin

all: runtime
runtime: $(DPU_HEADERS_OUT) $(DPU_CHIPS:%=$(DPU_SHARE)/lib/%/librtdpu.a) \
    $(DPU_CHIPS:%=$(DPU_SHARE)/lib/%/crt0.o)

$(DPU_INCLUDE)/%.h: runtime/include/%.h
	@mkdir -p $(@D)
	@cp $< $@

$(B)/obj/runtime/gen_built_ins: runtime/gen_built_ins.c $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(LINK_LIB)

$(DPU_INCLUDE)/syslib/built_ins.h: $(B)/obj/runtime/gen_built_ins
	@mkdir -p $(@D)
	@$< > $@.tmp && mv $@.tmp $@

# A library with other members, since a compiler was found or is gone, is another library.
RUNTIME_MEMBERS := $(patsubst runtime/src/%,%.o, \
    $(basename $(filter-out %/crt0.S,$(RUNTIME_ASM)) $(RUNTIME_C)))
$(B)/runtime/members: FORCE
	@mkdir -p $(@D)
	@echo '$(RUNTIME_MEMBERS)' | cmp -s - $@ || echo '$(RUNTIME_MEMBERS)' > $@

# runtime_rules(CHIP)
define runtime_rules
$(B)/runtime/$(1)/%.o: runtime/src/%.S $(wildcard runtime/src/*.inc) $(DPU_HEADERS_OUT) \
    $(B)/bin/dpusim
	@mkdir -p $$(@D)
	$(B)/bin/dpusim asm -g -D __dpu_$(1)__ $(DPU_INCLUDES) -o $$@ $$<

$(B)/runtime/$(1)/%.o: runtime/src/%.c $(wildcard runtime/src/*.inc runtime/src/*.h) \
    $(DPU_HEADERS_OUT) $(DPU_COMPILER)
	@mkdir -p $$(@D)
	$(DPU_COMPILER) -mcpu=$(1) $(RUNTIME_CFLAGS) -c -o $$@ $$<

$(DPU_SHARE)/lib/$(1)/crt0.o: $(B)/runtime/$(1)/crt0.o
	@mkdir -p $$(@D)
	@cp $$< $$@

$(DPU_SHARE)/lib/$(1)/librtdpu.a: $(RUNTIME_MEMBERS:%=$(B)/runtime/$(1)/%) $(B)/runtime/members
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$(filter %.o,$$^)
endef
$(foreach chip,$(DPU_CHIPS),$(eval $(call runtime_rules,$(chip))))

.PHONY: runtime

# ---- tests: DPU programs of tests/data/runtime ---------------------------------------------------

RUNTIME_PROGRAMS := $(patsubst tests/data/runtime/%.S,$(B)/tests/dpu/%.elf, \
    $(wildcard tests/data/runtime/*.S))
test-programs: $(RUNTIME_PROGRAMS)
.SECONDARY: $(RUNTIME_PROGRAMS:.elf=.o)

$(B)/tests/dpu/%.o: tests/data/runtime/%.S $(B)/bin/dpusim
	@mkdir -p $(@D)
	$(B)/bin/dpusim asm -g -o $@ $<

# All of the assembly part, needed or not, except what calls C.
RUNTIME_ASM_OBJ := $(patsubst runtime/src/%.S,$(B)/runtime/v1A/%.o, \
    $(filter-out %/softfloat_sub.S %/atomics_any.S,$(RUNTIME_ASM)))
$(B)/tests/dpu/%.elf: $(B)/tests/dpu/%.o $(RUNTIME_ASM_OBJ)
	$(B)/bin/dpusim link --no-gc-sections --nr-tasklets=24 -o $@ $^

# Kernels in C, for test_runtime_c: optimised, for the other chip (v1B-) and not optimised (debug-);
# for test_runtime_orders with many numbers of tasklets.
RUNTIME_TEST_C := $(patsubst tests/data/runtime/%.c,%,$(wildcard tests/data/runtime/*.c))
RUNTIME_COUNTS := 1 2 3 8 13 24
RUNTIME_KERNELS := $(if $(DPU_COMPILER),$(RUNTIME_TEST_C) v1B-locks debug-locks debug-strings \
    v1B-counters debug-counters \
    $(RUNTIME_COUNTS:%=%-orders))
test-programs: $(RUNTIME_KERNELS:%=$(B)/tests/dpu/%.elf)
RUNTIME_KERNEL_DEPS := $(wildcard tests/data/runtime/*.h tests/data/runtime/*.def) \
    $(DPU_COMPILER) $(DPU_HEADERS_OUT) \
    $(DPU_CHIPS:%=$(DPU_SHARE)/lib/%/librtdpu.a) $(DPU_CHIPS:%=$(DPU_SHARE)/lib/%/crt0.o)

# runtime_kernel(PREFIX, FLAGS, TASKLETS)
define runtime_kernel
$(RUNTIME_TEST_C:%=$(B)/tests/dpu/$(1)%.elf): $(B)/tests/dpu/$(1)%.elf: \
    tests/data/runtime/%.c $(RUNTIME_KERNEL_DEPS)
	@mkdir -p $$(@D)
	$(DPU_COMPILER) $(2) -g -Wall -Wextra -Werror -DNR_TASKLETS=$(3) -o $$@ $$<
endef
$(eval $(call runtime_kernel,,-O2,16))
$(eval $(call runtime_kernel,v1B-,-O2 -mcpu=v1B,16))
$(eval $(call runtime_kernel,debug-,-O0,16))
$(foreach count,$(RUNTIME_COUNTS),$(eval $(call runtime_kernel,$(count)-,-O2,$(count))))
ifeq ($(DPU_COMPILER),)
TESTS := $(filter-out $(B)/tests/test_runtime_c $(B)/tests/test_runtime_orders \
    $(B)/tests/test_runtime_same,$(TESTS))
endif

# The floating-point routines for the host, whose own they are compared with.
SOFTFLOAT_HOST := $(patsubst runtime/src/%.c,$(B)/runtime/host/%.o, \
    $(wildcard runtime/src/softfloat_arith*.c runtime/src/softfloat_con*.c \
    runtime/src/softfloat_w*.c))
$(B)/runtime/host/%.o: runtime/src/%.c $(wildcard runtime/src/softfloat*) $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(B)/tests/test_softfloat: $(SOFTFLOAT_HOST)
$(B)/tests/test_softfloat: LINK_LIB += $(SOFTFLOAT_HOST)
