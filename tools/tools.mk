# SPDX-License-Identifier: MIT
# What only the command needs. Included by the Makefile.

# The page of `dpusim report` as bytes of a C array.
TOOLS_GEN := $(B)/gen/report_html.inc
$(TOOLS_GEN): tools/report.html
	@mkdir -p $(@D)
	od -An -v -tu1 $< | sed 's/^ *//; s/  */,/g; $$!s/$$/,/' > $@.tmp && mv $@.tmp $@

$(B)/obj/tools/report_data.o: $(TOOLS_GEN)
