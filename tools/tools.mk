# SPDX-License-Identifier: MIT
# What only the command needs. Included by the Makefile.

# The page of `dpusim report` as bytes of a C array.
TOOLS_GEN := $(B)/gen/report_html.inc
$(TOOLS_GEN): tools/report.html
	@mkdir -p $(@D)
	od -An -v -tu1 $< | sed 's/^ *//; s/  */,/g; $$!s/$$/,/' > $@.tmp && mv $@.tmp $@

$(B)/obj/tools/report_data.o: $(TOOLS_GEN)

# Fuzz targets of the command have its objects in them.
TOOLS_FUZZ := fuzz_vectors
FUZZED_OBJ := $(addprefix $(B)/obj/tools/,vectors.o conform_encoding.o conform_steps.o \
    object_view.o message.o number.o io.o)
$(TOOLS_FUZZ:%=$(B)/tests/%): $(B)/tests/%: tests/fuzz/%.c $(B)/obj/tests/fuzz/driver.o \
    $(FUZZED_OBJ) $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -iquote tools $(CFLAGS) $(DEPS) -o $@ $< $(B)/obj/tests/fuzz/driver.o \
	    $(FUZZED_OBJ) $(LINK_LIB)
$(TOOLS_FUZZ:%=$(B)/%): $(B)/%: tests/fuzz/%.c $(FUZZED_OBJ) $(LIB_A)
	$(CC) $(CPPFLAGS) -iquote tools $(CFLAGS) $(DEPS) -fsanitize=fuzzer -o $@ $< \
	    $(FUZZED_OBJ) $(LINK_LIB)

# Square roots of the intervals of `dpusim campaign`.
LDLIBS_TOOL += -lm
