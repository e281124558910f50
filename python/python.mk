# SPDX-License-Identifier: MIT
# The Python packages dpu and dpusim. Included by the Makefile.
#
# $(B)/python holds what a program imports: the sources and the modules that are generated from the
# public headers. Without pycparser everything else is built and a line says so.

PY_FILES := $(patsubst %,$(B)/%,$(wildcard python/dpu/*.py python/dpusim/*.py python/*/py.typed))
PY_GEN := $(B)/python/dpusim/ffi.py $(B)/python/dpu/ffi.py
BINDGEN := scripts/python --need pycparser python/tools/bindgen.py --cc '$(CC)'

ifeq ($(shell scripts/python --need pycparser -c 'print("yes")' 2>/dev/null),yes)
all: python-packages
else
all: python-hint
endif

python-packages: $(PY_FILES) $(PY_GEN)
python-hint:
	@echo 'Python packages: not built, pycparser is missing (sh scripts/packages.sh python)'

$(PY_FILES): $(B)/python/%: python/%
	@mkdir -p $(@D)
	@cp $< $@

$(B)/python/dpusim/ffi.py: python/tools/bindgen.py $(HEADERS)
	@mkdir -p $(@D)
	$(BINDGEN) --library dpusim -I isa -I sim --own isa --own sim sim/dpusim.h > $@.tmp
	@mv $@.tmp $@

$(B)/python/dpu/ffi.py: python/tools/bindgen.py $(DPU_HEADERS)
	@mkdir -p $(@D)
	$(BINDGEN) --library dpu -I driver/include --own driver/include \
	    $(filter %.h,$(DPU_HEADERS)) > $@.tmp
	@mv $@.tmp $@

.PHONY: python-packages python-hint
