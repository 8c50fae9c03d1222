# SPDX-License-Identifier: GPL-3.0-or-later
# embedgate: `make help` lists the targets.

VERSION := 0.1.0
BUILD   := build
CC      := gcc
WARN    := -std=gnu11 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
           -Wwrite-strings -Wundef -Wformat=2 -Wvla -Wno-unused-parameter -Wno-missing-field-initializers
CFLAGS  := -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
LDFLAGS := -pie -Wl,-z,relro,-z,now
LDLIBS  := -lfcgi -lgdbm -ljson-c -lcrypto -linih -lidn2 -lcrypt -lz -lpthread
CPPFLAGS := -D_GNU_SOURCE -DEG_VERSION='"$(VERSION)"' -Isrc -I$(BUILD)/gen

# `make V=1` shows the whole command lines.
Q   := $(if $(V),,@)
SAY := @echo '  '

# Lowest first. A folder may include, and its tests may link, only itself and the folders before it.
LAYERS := base sign store model gate web view portal api embed ctl

src_of   = $(wildcard src/$(1)/*.c) $(wildcard src/$(1)/*/*.c)
obj_of   = $(patsubst %.c,$(BUILD)/%.o,$(call src_of,$(1)))
# Libraries of a layer and all below it, highest first, as the linker wants them.
upto     = $(if $(filter $(1),$(firstword $(2))),$(firstword $(2)) $(3),$(call upto,$(1),$(wordlist 2,99,$(2)),$(firstword $(2)) $(3)))
libs_of  = $(patsubst %,$(BUILD)/lib%.a,$(call upto,$(1),$(LAYERS),))

PROGRAMS := $(patsubst cgi-bin/%.c,$(BUILD)/cgi-bin/%.fcgi,$(wildcard cgi-bin/*.c))
TOOLS    := $(BUILD)/bin/embedctl
UNITS    := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/*/*_test.c))

all: $(PROGRAMS) $(TOOLS)            ## build the programs and embedctl

define layer_rules
$$(BUILD)/lib$(1).a: $$(call obj_of,$(1))
	@mkdir -p $$(@D) && rm -f $$@ && ar rcs $$@ $$^
$$(patsubst %.c,$$(BUILD)/%,$$(wildcard tests/$(1)/*_test.c)): $$(BUILD)/tests/$(1)/%: $$(BUILD)/tests/$(1)/%.o $$(call libs_of,$(1))
	$$(SAY) LINK $$@
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LDLIBS) -lcmocka
endef
$(foreach layer,$(LAYERS),$(eval $(call layer_rules,$(layer))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

# Files that sources hold as bytes (src/base/incbin.h).
$(BUILD)/src/ctl/demo_event.o $(BUILD)/tests/model/schedule_test.o: src/ctl/demo-schedule.json

# ---- assets: templates and scripts as bytes in the programs (src/web/assets.h) ----

SCRIPTS := static/loader.js static/page.js
ASSETS := $(shell { find templates -name '*.html'; ls $(SCRIPTS); } 2>/dev/null | LC_ALL=C sort)

# Scripts go out without indentation and without comments but the first line.
$(BUILD)/gen/static/%.js: static/%.js
	@mkdir -p $(@D) && sed -e '2,$$s/^[[:space:]]*//' -e '2,$${/^\/\//d;/^$$/d}' $< > $@

# Looked at each time, written only where a name or a size changed.
$(BUILD)/gen/assets.c: FORCE $(SCRIPTS:%=$(BUILD)/gen/%)
	@mkdir -p $(@D) && bytes() { case $$1 in static/*) echo "$(BUILD)/gen/$$1";; *) echo "$$1";; esac; }; { \
	echo '#include "web/assets.h"'; n=0; \
	for f in $(ASSETS); do n=$$((n + 1)); \
		printf '__asm__(".pushsection .rodata\\nasset_%d: .incbin \\"%s\\"\\n.byte 0\\n.popsection");\n' $$n "$$(bytes $$f)"; \
		echo "extern const char asset_$$n[] __attribute__((visibility(\"hidden\")));"; done; \
	echo 'const struct asset assets[] = {'; n=0; \
	for f in $(ASSETS); do n=$$((n + 1)); echo "	{ \"$$f\", asset_$$n, $$(wc -c < "$$(bytes $$f)") },"; done; \
	echo '	{ 0, 0, 0 } };'; echo "const size_t assets_count = $$n;"; } > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(BUILD)/gen/assets.o: $(BUILD)/gen/assets.c $(ASSETS) $(SCRIPTS:%=$(BUILD)/gen/%)
	@$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) -c -o $@ $<
$(BUILD)/libweb.a: $(BUILD)/gen/assets.o
.PHONY: FORCE

$(BUILD)/cgi-bin/%.fcgi: $(BUILD)/cgi-bin/%.o $(BUILD)/lib%.a $(call libs_of,view)
	$(SAY) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/bin/embedctl: $(BUILD)/libctl.a $(call libs_of,gate)
	@mkdir -p $(@D)
	$(SAY) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# ---- running ----

PORT ?= 8080
DATA ?= ./var

deps:                                ## install the Debian packages of the build
	@tests/packages.sh build

run:                                 ## serve on 127.0.0.1:PORT with demo data in DATA; a customer's site on PORT+1
	@tests/packages.sh run
	@$(MAKE) --no-print-directory -j2 all
	@BUILD=$(BUILD) lighttpd-conf/run-dev "$(DATA)" "$(PORT)"

# ---- testing ----

test-deps:
	@tests/packages.sh test
	@cd tests && { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-fund --no-audit --loglevel=error; }

test: test-deps                      ## install what the tests need and run all of them
	@$(MAKE) --no-print-directory -j2 all units
	@$(MAKE) --no-print-directory -j2 asan-build
	@BUILD=$(BUILD) node tests/run.mjs

units: $(UNITS)

check: units                         ## the C tests only
	@BUILD=$(BUILD) node tests/run.mjs units

ASAN := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -fPIE
asan-build:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan CFLAGS='$(ASAN)' units

asan: asan-build                     ## the C tests once more, with AddressSanitizer and UBSan
	@BUILD=$(BUILD) node tests/run.mjs asan

layers:                              ## check who includes whom
	@tests/lint/layers.sh $(LAYERS)

lint:                                ## static analysis and the rules of the house
	@tests/lint/rules.sh
	@cppcheck -q -j2 --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
	    --library=tests/lint/cppcheck.cfg --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches -D_GNU_SOURCE -DEG_VERSION='""' -Isrc src cgi-bin

$(BUILD)/bench/bare: $(BUILD)/bench/bare.o
	$(SAY) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lfcgi

screenshots: test-deps all           ## pictures of every page in build/screenshots and docs
	@BUILD=$(BUILD) node tests/screenshots.mjs

docs: all                            ## docs/api.md, from what the API says of itself
	@node docs/api-reference.mjs $(BUILD)

bench: all $(BUILD)/bench/bare       ## measure against a bare libfcgi program in the same run
	@tests/packages.sh bench
	@BUILD=$(BUILD) bench/run

clean:
	rm -rf $(BUILD)

help:                                ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.SECONDARY:
.PHONY: all deps run test-deps test units check asan-build asan layers lint screenshots docs bench clean help
