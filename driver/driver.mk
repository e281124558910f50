# SPDX-License-Identifier: MIT
# The host API: public headers and libdpu.so. Included by the Makefile.

# Version of the SDK whose binary interface the library has. Host programs that were linked with the
# SDK ask for the versioned name, so it is the soname.
SDK_VERSION := 2025.1
DPU_SONAME := libdpu.so.$(SDK_VERSION)
# Makefiles and programs of the SDK name a second library, whose functions are in the first.
DPU_VERBOSE := libdpuverbose.so
DPU_HEADERS := $(wildcard driver/include/*)
DRIVER_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard driver/*.c))

# Every name must be found; a sanitizer's own are in the program.
NO_UNDEFINED := $(if $(findstring -fsanitize,$(OPT)),,-Wl,-z,defs)

DPU_HOST_CMAKE := $(B)/share/upmem/cmake/include/host/DpuHost.cmake
all: $(B)/include/dpu $(B)/lib/libdpu.so $(B)/bin/dpu-pkg-config $(B)/share/pkgconfig/dpu.pc \
    $(B)/lib/$(DPU_VERBOSE) $(DPU_HOST_CMAKE)

$(DPU_HOST_CMAKE): driver/DpuHost.cmake
	@mkdir -p $(@D)
	@cp $< $@

# C++ programs include <dpu>.
$(B)/include/dpu: $(DPU_HEADERS)
	@rm -rf $@ && mkdir -p $@
	@cp $(DPU_HEADERS) $@
	@ln -s dpu.hpp $@/dpu

$(B)/bin/dpu-pkg-config: scripts/dpu-pkg-config
	@mkdir -p $(@D)
	@cp $< $@

$(B)/share/pkgconfig/dpu.pc: scripts/write-pc driver/driver.mk
	@mkdir -p $(@D)
	@scripts/write-pc dpu $(SDK_VERSION).0 '$(abspath $(B))' > $@

$(B)/gen/libdpu.map: $(DPU_HEADERS) scripts/list-exports
	@mkdir -p $(@D)
	scripts/list-exports --map $(filter %.h,$(DPU_HEADERS)) > $@.tmp && mv $@.tmp $@

# The objects of isa/ and sim/ are inside; the version script keeps their names in.
$(B)/lib/$(DPU_SONAME): $(DRIVER_OBJ) $(LIB_OBJ) $(B)/gen/libdpu.map
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -shared -pthread -Wl,-soname,$(DPU_SONAME) $(NO_UNDEFINED) \
	    -Wl,-z,nodelete -Wl,--version-script=$(B)/gen/libdpu.map -o $@ \
	    $(DRIVER_OBJ) $(LIB_OBJ) $(LDLIBS_LIB) -lm

$(B)/lib/libdpu.so: $(B)/lib/$(DPU_SONAME) $(B)/include/dpu
	@ln -sf $(DPU_SONAME) $@

$(B)/lib/$(DPU_VERBOSE): $(B)/lib/$(DPU_SONAME)
	@ln -sf $(DPU_SONAME) $@.$(SDK_VERSION)
	@ln -sf $(DPU_SONAME) $@

# ---- tests ----

TEST_GATES += tests/check_abi.sh tests/check_host_build.sh tests/check_modes.sh
# Written like a user's program: <dpu.h>.
$(B)/tests/test_host_macros: CPPFLAGS += -Idriver/include

# Host programs of the examples and benchmarks, against the library as users link it.
HOSTS := $(patsubst %.c,$(B)/%,$(wildcard examples/*/host.c benchmarks/host.c))
$(HOSTS): $(B)/%: %.c $(B)/lib/libdpu.so $(B)/include/dpu $(B)/flags
	@mkdir -p $(@D)
	$(CC) -I$(B)/include/dpu $(CFLAGS) $(DEPS) -o $@ $< -L$(B)/lib \
	    -Wl,-rpath,'$$ORIGIN/../../lib:$$ORIGIN/../lib' -ldpu

# Tests of the host API use the assembler and linker of the static library and libdpu.so, which
# keeps its own copy of both to itself.
DRIVER_TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_driver*.c))
$(DRIVER_TESTS): $(B)/tests/%: tests/%.c $(LIB_A) $(B)/lib/libdpu.so $(B)/include/dpu $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -I$(B)/include/dpu $(TEST_CPPFLAGS) $(CFLAGS) -pthread $(DEPS) -o $@ $< \
	    -L$(B)/lib -Wl,-rpath,'$$ORIGIN/../lib' -ldpu $(LINK_LIB) $(LDLIBS_TEST)

# Fuzz targets of the host API have the library's objects in them.
DRIVER_FUZZ := fuzz_profile fuzz_api
$(DRIVER_FUZZ:%=$(B)/tests/%): $(B)/tests/%: tests/fuzz/%.c $(B)/obj/tests/fuzz/driver.o \
    $(DRIVER_OBJ) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -iquote tests -Idriver/include $(CFLAGS) -pthread $(DEPS) -o $@ $< \
	    $(B)/obj/tests/fuzz/driver.o $(DRIVER_OBJ) $(LINK_LIB) -lm
$(DRIVER_FUZZ:%=$(B)/%): $(B)/%: tests/fuzz/%.c $(DRIVER_OBJ) $(LIB_A)
	$(CC) $(CPPFLAGS) -iquote tests -Idriver/include $(CFLAGS) -pthread $(DEPS) \
	    -fsanitize=fuzzer -o $@ $< $(DRIVER_OBJ) $(LINK_LIB) -lm
