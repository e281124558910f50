# SPDX-License-Identifier: MIT
# What only the command needs. Included by the Makefile.

# The page of `dpusim report` as bytes of a C array.
$(B)/gen/report_html.inc: tools/report.html
	@mkdir -p $(@D)
	od -An -v -tu1 $< | sed 's/^ *//; s/  */,/g; $$!s/$$/,/' > $@.tmp && mv $@.tmp $@

$(B)/obj/tools/report_data.o: $(B)/gen/report_html.inc
