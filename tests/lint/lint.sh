#!/bin/bash
# Rules that a compiler does not check. Prints TAP, one line a rule.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
n=0 bad=0
rule() { # NAME OUTPUT-OF-A-SEARCH: empty output = the rule holds
  n=$((n + 1))
  if [ -z "$2" ]; then echo "ok $n - $1"
  else bad=1; echo "not ok $n - $1"; head -n 12 <<<"$2" | sed 's/^/# /'; fi
}
src() { find core tui include -name '*.[ch]' | sort; }

rule "curses in one file only" "$(grep -lE '#include <(ncurses|curses|term\.h|ncursesw/)' $(src) | grep -v '^tui/term_curses.c$')"
rule "curl in core/net only" "$(grep -lE '#include <curl/' $(src) | grep -v '^core/net/')"
rule "jansson in core only" "$(grep -lE '#include <jansson' $(src) | grep -v '^core/')"
rule "libyaml in core/config only" "$(grep -lE '#include <yaml' $(src) | grep -v '^core/config/')"
rule "microhttpd in core/sim only" "$(grep -lE '#include <microhttpd' $(src) | grep -v '^core/sim/')"
rule "tui includes the face of core only" "$(grep -nE '#include "(core/|strata/(net|store|wire|kubeconfig|clouds)\.h)' tui/*.[ch])"
rule "core does not know the screen" "$(grep -nE '#include "tui/' core -r)"
rule "the store, base and kinds know no servers" "$(grep -nE '#include "core/(kube|openstack|net)/' core/base core/store core/config -r)"
rule "no banned functions" "$(grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|gmtime|localtime|asctime|ctime|alloca|system|popen)\(' $(src) | grep -vE '^[^:]+:[0-9]+: *[/ ]\*')"
rule "memory through mem_* only" "$(grep -nE '[^_a-z>](malloc|calloc|realloc|strdup|strndup|free)\(' $(src) | grep -vE '^(core/base/mem.c|core/sim/)' | grep -vE '^[^:]+:[0-9]+: *[/ ]\*|\* .*free\(|/\*.*free\(|".*(free|malloc)\(')"
rule "no typedef of structs" "$(grep -nE '^typedef (struct|union|enum)' $(src))"
rule "no left-overs" "$(grep -nE '\b(TODO|FIXME|XXX)\b' $(src) tests/*/*.[ch] tests/*/*.sh 2>/dev/null | grep -v 'tests/lint/lint.sh' | grep -vE 'mkd?temp|XXXXXX')"
rule "files of at most 800 lines" "$(wc -l $(src) | awk '$2 != "total" && $1 > 800 {print $2 ": " $1 " lines"}')"
rule "every file says what it is for" "$(for f in $(src); do head -n 3 "$f" | grep -qE '/\*' || echo "$f"; done)"
rule "headers state thread, ownership or purpose" "$(for f in include/strata/*.h; do grep -qE '^( \*|/\*) *Purpose:' "$f" || echo "$f"; done)"
rule "every table of commands and of keys is one of those that are looked into" "$(for t in $(grep -ohE '^const struct (command|key_row) [a-z]+_(commands|keys)\[' tui/*.c | sed -E 's/.* ([a-z]+)_(commands|keys)\[/\2:\1/'); do
  case $t in commands:*) list=tui/command.h ;; *) list=tui/keymap.h ;; esac; grep -qE "_TABLES\(XX\).*XX\(${t#*:}\)" "$list" || echo "$t is not in $list"; done)"
rule "shell scripts pass shellcheck" "$(find tests .ci -name '*.sh' -o -path '.ci/run' | xargs shellcheck -S error 2>&1 | head -n 20)"
rule "no path of a machine, no registry host" "$(git grep -nIE '(^|[^A-Za-z0-9_.-])/(work|root)/|proxy\.golang|deb\.debian|pypi\.org|registry\.npm' -- ':!tests/lint/lint.sh' 2>/dev/null)"

cases() { find tests/screen/cases -name '*.case' | sort; }
rule "a new screen case moves no other one under another sanitiser" "$(diff <(cases | xargs tests/screen/sixth.sh 1 | sed 1d) <(cases | sed "\\#^$(tests/screen/sixth.sh 1 | head -n 1)\$#d" | xargs tests/screen/sixth.sh 1))"

rule "at the top stands what belongs there" "$(git ls-files | cut -d/ -f1 | sort -u | grep -vxE '\..*|tui|core|themes|include|tests|man|Makefile|README\.md|CONTRIBUTING\.md|LICENSE')"

# Each header compiles alone.
out=$(for h in include/strata/*.h core/*.h core/*/*.h tui/*.h; do
  [ -e "$h" ] || continue
  case $h in core/sim/*) continue ;; esac
  echo "#include \"$h\"" | ${CC:-gcc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Iinclude -I. $(pkg-config --cflags jansson libcurl) -fsyntax-only -x c - 2>&1 | head -n 2
done)
rule "headers compile alone" "$out"

# No mutable globals: objects in .data or .bss of our own objects, against a short list with reasons.
#   mask trace_fd dropped: the trace, atomic        fail_at fail_on seen: injected faults of mem.c, atomic
#   reading: json_read.c, the thread's own           mode frozen_mono frozen_wall: the clock of tests    rescue: what a signal handler needs to give the terminal back
ALLOWED_GLOBALS='reading|mask|trace_fd|dropped|fail_at|fail_on|seen|mode|frozen_mono|frozen_wall|rescue'
if [ -e build/gcc/libcore.a ]; then
  out=$(objdump -t build/gcc/libcore.a build/gcc/libtui.a 2>/dev/null | awk '$3 == "O" && ($4 ~ /^\.(data|bss)(\.|$)/) && $4 !~ /rel\.ro/ {print $NF}
      $2 == "O" && ($3 ~ /^\.(data|bss)(\.|$)/) && $3 !~ /rel\.ro/ {print $NF}' | sort -u | grep -vE '^(completed|__)' | grep -vxE "$ALLOWED_GLOBALS")
  rule "no mutable globals" "$out"
fi
echo "1..$n"
exit $bad
