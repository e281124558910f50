# SPDX-License-Identifier: MIT
# The C compiler: the driver always, the code generator when an LLVM library is there. Included by
# the Makefile. LLVM=NN chooses a version, 19 to 15 newest first otherwise.

FIRST ?= 1
LAST ?= 2000
LLVM ?= $(firstword $(foreach v,19 18 17 16 15, \
    $(if $(shell command -v llvm-config-$(v) 2>/dev/null),$(v))))
CG_SRC := $(filter-out compiler/clobber.c compiler/driver%.c,$(wildcard compiler/*.c))
DPU_CC_SRC := compiler/arena.c compiler/clobber.c $(wildcard compiler/driver*.c)
CG_OBJ := $(CG_SRC:%.c=$(B)/obj/%.o)
DPU_CC_OBJ := $(DPU_CC_SRC:%.c=$(B)/obj/%.o)
DPU_CG := $(B)/libexec/dpusim/dpu-cg
DPU_PRELUDE := $(B)/share/upmem/include/dpu_prelude.h

ifeq ($(LLVM),)
DPU_COMPILER :=
all: no-compiler
no-compiler:
	@echo 'dpusim: the C compiler is left out: no LLVM 15 to 19 found' \
	    '(sh scripts/packages.sh compiler)'
.PHONY: no-compiler
else
DPU_COMPILER := $(B)/bin/dpu-upmem-dpurte-clang
LLVM_CONFIG := llvm-config-$(LLVM)
LLVM_LIBDIR := $(shell $(LLVM_CONFIG) --libdir)
$(CG_OBJ): private CPPFLAGS += -isystem $(shell $(LLVM_CONFIG) --includedir) \
    -DLLVM_VERSION_MAJOR=$(LLVM)
$(DPU_CC_OBJ): private CPPFLAGS += -DDPU_LLVM_MAJOR=$(LLVM)
all: $(DPU_COMPILER) $(B)/bin/dpu-clang $(B)/bin/dpu_stack_analyzer $(B)/share/upmem/cmake/dpu.cmake

$(B)/bin/dpu_stack_analyzer: scripts/dpu_stack_analyzer
	@mkdir -p $(@D)
	@cp $< $@

$(B)/share/upmem/cmake/dpu.cmake: compiler/dpu.cmake
	@mkdir -p $(@D)
	@cp $< $@

check-random: ## random C programs on the DPU and on the host: seeds FIRST=1 to LAST=2000
check-random: all
	@scripts/python tests/compiler/check_random.py $(B) $(FIRST) $(LAST) $(JOBS)

# Each in a build of its own; the examples are compiled with -Wall -Wextra -Werror -g -O2.
check-llvm: ## tests of the compiler and the examples with every LLVM from 15 to 19 found here
	@for version in $(foreach v,15 16 17 18 19,$(if $(shell command -v llvm-config-$(v)),$(v))); do \
	    echo "LLVM $$version"; \
	    $(MAKE) --no-print-directory B=$(B)/llvm$$version LLVM=$$version TESTS= FUZZ= TEST_GATES= \
	        TEST_SCRIPTS=tests/test_compiler.sh test || exit 1; \
	done
.PHONY: check-random check-llvm

$(DPU_CG): $(CG_OBJ) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $(CG_OBJ) $(LINK_LIB) -L$(LLVM_LIBDIR) -lLLVM-$(LLVM)

$(DPU_COMPILER): $(DPU_CC_OBJ) $(LIB_A) $(DPU_CG) $(DPU_PRELUDE)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $(DPU_CC_OBJ) $(LINK_LIB)

$(B)/bin/dpu-clang: $(DPU_COMPILER)
	@ln -sf dpu-upmem-dpurte-clang $@

$(DPU_PRELUDE): compiler/include/dpu_prelude.h
	@mkdir -p $(@D)
	@cp $< $@
endif
