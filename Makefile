# strata: `make help` lists the targets. Everything built goes to build/ (and ./strata, ./strata-sim).
PREFIX ?= /usr/local
ifeq ($(origin CC),default)
CC := gcc
endif
SAN ?=
comma := ,
VARIANT := $(if $(SAN),san-$(subst $(comma),-,$(SAN)),$(notdir $(CC)))
B := build/$(VARIANT)
PKGS := ncursesw libcurl jansson yaml-0.1 libpcre2-8 libutf8proc zlib
SIM_PKGS := libmicrohttpd jansson gnutls
TEST_PKGS := cmocka vterm
OPT ?= -O2
WARN := -Wall -Wextra -Werror -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wno-format-nonliteral -Wpointer-arith
CFLAGS_ALL := -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $(OPT) -g -fno-common -fstack-protector-strong -pthread $(WARN) \
  -Iinclude -I. $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer) $(CFLAGS)
LDFLAGS_ALL := -pthread $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)
PC = $(shell pkg-config $(1) $(2) 2>/dev/null)

CORE_SRC := $(filter-out core/sim/%,$(wildcard core/*.c core/*/*.c))
KIND_SRC := $(wildcard core/kinds/*.c)
TUI_SRC := $(wildcard tui/*.c)
SIM_SRC := $(wildcard core/sim/*.c)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
CORE_OBJ := $(CORE_SRC:%.c=$(B)/%.o) $(B)/kinds_all.o
TUI_OBJ := $(TUI_SRC:%.c=$(B)/%.o)
SIM_OBJ := $(SIM_SRC:%.c=$(B)/%.o)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)

.PHONY: all help clean unit
all: strata

strata: $(B)/strata
	@cp -f $< $@
$(B)/strata: $(TUI_OBJ) $(B)/libcore.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(call PC,--libs,$(PKGS)) -lm
$(B)/libcore.a: $(CORE_OBJ)
	@rm -f $@; ar rcs $@ $^
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(call PC,--cflags,$(PKGS)) -MMD -MP -c -o $@ $<
$(B)/kinds_all.c: $(KIND_SRC)
	@mkdir -p $(@D)
	@{ echo '#include "strata/kind.h"'; \
	   names=$$(sed -n 's/^const struct kind \(kind_[a-z0-9_]*\) = .*/\1/p' $(KIND_SRC) /dev/null); \
	   for n in $$names; do echo "extern const struct kind $$n;"; done; \
	   echo 'const struct kind *const kinds_all[] = {'; for n in $$names; do echo "    &$$n,"; done; echo '    NULL,'; echo '};'; } > $@
$(B)/kinds_all.o: $(B)/kinds_all.c
	$(CC) $(CFLAGS_ALL) -c -o $@ $<

unit: $(UNIT_BIN)
	@fail=0; for t in $(UNIT_BIN); do $$t || fail=1; done; exit $$fail
$(B)/unit/%: tests/unit/%.c $(B)/libcore.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(call PC,--cflags,$(PKGS) $(TEST_PKGS)) $(LDFLAGS_ALL) -o $@ $^ $(call PC,--libs,$(PKGS) $(TEST_PKGS)) -lm

clean:
	rm -rf build strata strata-sim
-include $(CORE_OBJ:.o=.d) $(TUI_OBJ:.o=.d) $(SIM_OBJ:.o=.d)
