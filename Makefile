# strata. `make help` lists the targets. Everything built goes to build/; the programs also to ./strata and ./strata-sim.
PREFIX ?= /usr/local
DESTDIR ?=
ifeq ($(origin CC),default)
CC := gcc
endif
SAN ?=
OPT ?= -O2
comma := ,
VARIANT := $(if $(SAN),san-$(subst $(comma),-,$(SAN)),$(notdir $(CC)))
B := build/$(VARIANT)

PKGS := ncursesw libarchive libcurl jansson yaml-0.1 libpcre2-8 libutf8proc zlib
SIM_PKGS := libmicrohttpd gnutls
TEST_PKGS := cmocka vterm
CORE_LIBS := -lwslay -lm      # wslay comes without a .pc file
VERSION := $(shell sed -n 's/.*STRATA_VERSION "\(.*\)"/\1/p' include/strata/version.h)

WARN := -Wall -Wextra -Werror -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wno-format-nonliteral -Wpointer-arith
# What a sanitiser adds to the code makes gcc guess wrong about these; the other builds refuse them.
WARN += $(if $(SAN),$(if $(findstring clang,$(CC)),,-Wno-error=maybe-uninitialized -Wno-error=format-truncation -Wno-error=format-overflow))
CFLAGS_ALL := -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $(OPT) -g -fno-common -fstack-protector-strong -pthread $(WARN) \
  -Iinclude -I. -I$(B) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer) $(CFLAGS)
LDFLAGS_ALL := -pthread -Wl,-z,relro,-z,now,--as-needed $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)
PKG_CFLAGS = $(shell pkg-config --cflags $(1))
PKG_LIBS = $(shell pkg-config --libs $(1))

KIND_SRC := $(sort $(wildcard core/kinds/*.c))
THEMES := $(sort $(wildcard themes/*.theme))
PROFILES := $(sort $(wildcard core/links/profiles/*.profile))
SCENARIOS := $(sort $(wildcard core/sim/scenarios/*.scenario))
SIM_SRC := $(wildcard core/sim/*.c)
CORE_SRC := $(filter-out core/sim/%,$(wildcard core/*.c core/*/*.c))
TUI_SRC := $(wildcard tui/*.c)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
CORE_OBJ := $(CORE_SRC:%.c=$(B)/%.o) $(B)/kinds_all.o $(B)/profiles_all.o
TUI_OBJ := $(TUI_SRC:%.c=$(B)/%.o) $(B)/themes_all.o
TUI_LIB_OBJ := $(filter-out $(B)/tui/main.o,$(TUI_OBJ))
SIM_OBJ := $(SIM_SRC:%.c=$(B)/%.o) $(B)/scenarios_all.o $(B)/openapi_all.o
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)

.PHONY: all help deps run check check-live live-up live-down bench demo install uninstall man clean unit fuzz lint packages programs tests-built
.DELETE_ON_ERROR:

all: packages ## build ./strata (installs nothing; says which packages are missing)
	@$(MAKE) --no-print-directory programs

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1@\2/p' Makefile | column -t -s@
	@echo "  variables: PREFIX=$(PREFIX) DESTDIR= CC=gcc|clang SAN=address,undefined|thread"

packages:
	@tests/deps.sh missing build

deps: ## install the packages for building (distribution's packages, as root or with sudo)
	@tests/deps.sh install build

run: deps ## install packages, build, start the cockpit
	@$(MAKE) --no-print-directory all
	./strata

demo: ## install packages, build, start the cockpit on a demo cloud of its own (SCENARIO=self-healing)
	@tests/deps.sh install demo
	@$(MAKE) --no-print-directory all
	./strata --demo$(if $(SCENARIO),=$(SCENARIO))

# The demo cloud is built where libmicrohttpd is.
programs: strata $(shell pkg-config --exists $(SIM_PKGS) 2>/dev/null && echo strata-sim)

# The programs here carry no symbols; build/ keeps them for a debugger.
strata strata-sim: %: $(B)/%
	@strip -o $@ $<

$(B)/strata: $(TUI_OBJ) $(B)/libcore.a
	@echo "  LD $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(call PKG_LIBS,$(PKGS)) $(CORE_LIBS)
$(B)/strata-sim: $(SIM_OBJ) $(B)/libcore.a
	@echo "  LD $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(call PKG_LIBS,$(PKGS) $(SIM_PKGS)) $(CORE_LIBS)
$(B)/libcore.a: $(CORE_OBJ)
	@rm -f $@
	@ar rcs $@ $^
$(B)/libsim.a: $(filter-out $(B)/core/sim/main.o,$(SIM_OBJ))
	@rm -f $@
	@ar rcs $@ $^
$(B)/libtui.a: $(TUI_LIB_OBJ)
	@rm -f $@
	@ar rcs $@ $^
$(B)/core/sim/%.o: core/sim/%.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) $(call PKG_CFLAGS,$(PKGS) $(SIM_PKGS)) -MMD -MP -c -o $@ $<
$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) $(call PKG_CFLAGS,$(PKGS)) -MMD -MP -c -o $@ $<

# One file in core/kinds is one kind: the table of all of them is made from the files.
$(B)/kinds_all.c: $(KIND_SRC)
	@mkdir -p $(@D)
	@{ echo '#include "strata/kind.h"'; \
	   names=$$(sed -n 's/^const struct kind \(kind_[a-z0-9_]*\) = .*/\1/p' $(KIND_SRC)); \
	   for n in $$names; do echo "extern const struct kind $$n;"; done; \
	   echo 'const struct kind *const kinds_all[] = {'; for n in $$names; do echo "    &$$n,"; done; echo '    NULL,'; echo '};'; } > $@
$(B)/kinds_all.o: $(B)/kinds_all.c
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

# Themes are data; those that ship are also in the program, so that it needs no files.
$(B)/themes_all.c: $(THEMES)
	@mkdir -p $(@D)
	@{ echo 'extern const struct theme_builtin { const char *name, *text; } themes_builtin[];'; \
	   echo 'const struct theme_builtin themes_builtin[] = {'; \
	   for f in $(THEMES); do n=$${f##*/}; printf '{"%s",\n' "$${n%.theme}"; \
	     sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $$f; echo '},'; done; echo '{0, 0}};'; } > $@
# So are the profiles of distributions.
$(B)/profiles_all.c: $(PROFILES)
	@mkdir -p $(@D)
	@{ echo 'extern const struct profile_builtin { const char *name, *text; } profiles_builtin[];'; \
	   echo 'const struct profile_builtin profiles_builtin[] = {'; \
	   for f in $(PROFILES); do printf '{"%s",\n' "$${f##*/}"; \
	     sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $$f; echo '},'; done; echo '{0, 0}};'; } > $@
# And the scenarios of the demo cloud.
$(B)/scenarios_all.c: $(SCENARIOS)
	@mkdir -p $(@D)
	@{ echo 'extern const struct scenario_file { const char *name, *text; } scenario_files[];'; \
	   echo 'const struct scenario_file scenario_files[] = {'; \
	   for f in $(SCENARIOS); do n=$${f##*/}; printf '{"%s",\n' "$${n%.scenario}"; \
	     sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $$f; echo '},'; done; echo '{0, 0}};'; } > $@
# And what its Kubernetes API says of its types.
$(B)/openapi_all.c: core/sim/openapi/types.txt core/sim/openapi/words.txt
	@mkdir -p $(@D)
	@{ for f in types words; do echo "extern const char *const openapi_$$f[]; const char *const openapi_$$f[] = {"; \
	   sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&",/' core/sim/openapi/$$f.txt; echo '0};'; done; } > $@
$(B)/themes_all.o $(B)/scenarios_all.o $(B)/openapi_all.o $(B)/profiles_all.o: $(B)/%.o: $(B)/%.c
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

# ---- tests ----
tests-built: $(UNIT_BIN)
unit: $(UNIT_BIN) ## unit tests alone
	@fail=0; for t in $(UNIT_BIN); do $$t || fail=1; done; exit $$fail
$(B)/unit/%: tests/unit/%.c $(B)/libtui.a $(B)/libcore.a
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) -Itests/unit $(call PKG_CFLAGS,$(PKGS) $(TEST_PKGS)) $(LDFLAGS_ALL) -MMD -MP -MF $@.d -o $@ $< $(B)/libtui.a $(B)/libcore.a $(call PKG_LIBS,$(PKGS) $(TEST_PKGS)) $(CORE_LIBS)
$(B)/unit/test_sim_%: tests/unit/test_sim_%.c $(B)/libsim.a $(B)/libcore.a
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) -Itests/unit $(call PKG_CFLAGS,$(PKGS) $(SIM_PKGS) cmocka) $(LDFLAGS_ALL) -MMD -MP -MF $@.d -o $@ $< $(B)/libsim.a $(B)/libcore.a $(call PKG_LIBS,$(PKGS) $(SIM_PKGS) cmocka) $(CORE_LIBS)

SCREEN_SRC := $(wildcard tests/screen/*.c)
$(B)/screen/play: $(SCREEN_SRC) $(wildcard tests/screen/*.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(call PKG_CFLAGS,vterm libpcre2-8) $(LDFLAGS_ALL) -o $@ $(SCREEN_SRC) $(call PKG_LIBS,vterm libpcre2-8) -lutil

fuzz: $(FUZZ_BIN) ## fuzz targets with libFuzzer: build/clang-fuzz/... (make fuzz CC=clang SAN=fuzzer,address)
$(B)/fuzz/%: tests/fuzz/%.c $(if $(findstring fuzzer,$(SAN)),,tests/fuzz/driver.c) $(B)/libtui.a $(B)/libcore.a
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) $(call PKG_CFLAGS,$(PKGS)) $(LDFLAGS_ALL) -o $@ $^ $(call PKG_LIBS,$(PKGS)) $(CORE_LIBS)
$(B)/fuzz/fuzz_sim_%: tests/fuzz/fuzz_sim_%.c $(if $(findstring fuzzer,$(SAN)),,tests/fuzz/driver.c) $(B)/libsim.a $(B)/libcore.a
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) $(call PKG_CFLAGS,$(PKGS) $(SIM_PKGS)) $(LDFLAGS_ALL) -o $@ $^ $(call PKG_LIBS,$(PKGS) $(SIM_PKGS)) $(CORE_LIBS)

lint: ## layering, banned functions, globals, sizes, headers alone
	@tests/lint/lint.sh

check: ## everything that needs no cluster (installs what it needs)
	@tests/check.sh

live-up: ## start the live lab: real Kubernetes and real OpenStack on loopback
	@tests/live/live.sh up
live-down: ## stop the live lab
	@tests/live/live.sh down
check-live: ## start the lab, run the contract cases and end-to-end stories on it
	@tests/live/live.sh check
bench: all $(B)/bench/bench_store ## measure on the lab (see tests/bench)
	@tests/bench/bench.sh
$(B)/bench/%: tests/bench/%.c $(B)/libcore.a
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) -Itests/unit $(call PKG_CFLAGS,$(PKGS) $(TEST_PKGS)) $(LDFLAGS_ALL) -o $@ $< $(B)/libcore.a $(call PKG_LIBS,$(PKGS) $(TEST_PKGS)) $(CORE_LIBS)

# ---- installation ----
install: all man ## install to $(DESTDIR)$(PREFIX)
	install -D -m 755 strata $(DESTDIR)$(PREFIX)/bin/strata
	if [ -e strata-sim ]; then install -D -m 755 strata-sim $(DESTDIR)$(PREFIX)/libexec/strata/strata-sim; fi
	install -d $(DESTDIR)$(PREFIX)/share/strata/themes
	install -m 644 $(THEMES) $(DESTDIR)$(PREFIX)/share/strata/themes
	for m in strata.1 strata-sim.1 strata-config.5 strata-keys.7; do \
	  install -D -m 644 $(B)/man/$$m $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$$m; done
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	$(B)/strata completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/strata
	install -d $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(B)/strata completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_strata
	$(B)/strata completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/strata.fish
uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/strata $(DESTDIR)$(PREFIX)/share/bash-completion/completions/strata \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_strata $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/strata.fish
	rm -rf $(DESTDIR)$(PREFIX)/share/strata $(DESTDIR)$(PREFIX)/libexec/strata
	rm -f $(DESTDIR)$(PREFIX)/share/man/man1/strata.1 $(DESTDIR)$(PREFIX)/share/man/man1/strata-sim.1 $(DESTDIR)$(PREFIX)/share/man/man5/strata-config.5 \
	  $(DESTDIR)$(PREFIX)/share/man/man7/strata-keys.7
man: $(B)/strata ## man pages, filled from the program's own tables
	@mkdir -p $(B)/man
	@for m in strata.1 strata-sim.1 strata-config.5 strata-keys.7; do $(B)/strata manual < man/$$m.in > $(B)/man/$$m || exit 1; done

clean: ## remove everything built
	rm -rf build strata strata-sim

-include $(CORE_OBJ:.o=.d) $(TUI_OBJ:.o=.d) $(SIM_OBJ:.o=.d) $(UNIT_BIN:%=%.d)
