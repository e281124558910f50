# SPDX-License-Identifier: MIT
# How every example is built: a kernel for the DPU and a program for the host. The Makefiles include
# it. Targets: make, make run NR_DPUS=4, make clean.
NR_TASKLETS ?= 16
NR_DPUS ?= 4
KERNELS ?= kernel
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror
SHARED := $(wildcard *.h ../common/*.h)

all: $(KERNELS) host

$(KERNELS): %: %.c $(SHARED)
	dpu-upmem-dpurte-clang -DNR_TASKLETS=$(NR_TASKLETS) -O2 -g $(WARNINGS) -o $@ $<

host: host.c $(SHARED)
	$(CC) -std=c11 $(CFLAGS) $(WARNINGS) -o $@ $< $$(dpu-pkg-config --cflags --libs dpu)

run: all
	for kernel in $(KERNELS); do ./host $$kernel $(NR_DPUS) || exit 1; done

clean:
	rm -f $(KERNELS) host

.PHONY: all run clean
