# SPDX-License-Identifier: GPL-3.0-or-later
# embedgate: `make help` lists the targets.

VERSION := 0.1.0
BUILD   := build
CC      := gcc
WARN    := -std=gnu11 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
           -Wwrite-strings -Wundef -Wformat=2 -Wvla -Wno-unused-parameter
CFLAGS  := -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
LDFLAGS := -pie -Wl,-z,relro,-z,now
LDLIBS  := -lfcgi -lgdbm -ljson-c -lcrypto -linih -lidn2 -lcrypt -lz -lpthread
CPPFLAGS := -D_GNU_SOURCE -DEG_VERSION='"$(VERSION)"' -Isrc -I$(BUILD)/gen

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

all: $(PROGRAMS) $(TOOLS)

define layer_rules
$$(BUILD)/lib$(1).a: $$(call obj_of,$(1))
	@mkdir -p $$(@D) && rm -f $$@ && ar rcs $$@ $$^
$$(patsubst %.c,$$(BUILD)/%,$$(wildcard tests/$(1)/*_test.c)): $$(BUILD)/tests/$(1)/%: $$(BUILD)/tests/$(1)/%.o $$(call libs_of,$(1))
	$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LDLIBS) -lcmocka
endef
$(foreach layer,$(LAYERS),$(eval $(call layer_rules,$(layer))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all
