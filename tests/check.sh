#!/bin/bash
# make check: everything that needs no cluster. Ends with "N passed, N failed"; the exit status says the same.
# STRATA_CHECK="unit lint" runs only those steps (default: all).
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.." || exit 2
tests/deps.sh install test || exit 1
JOBS=${JOBS:-$(nproc)}
LOG=build/check
passed=0 failed=0
want=${STRATA_CHECK:-build unit asan tsan fuzz lint contract screen fault man install}
export CMOCKA_MESSAGE_OUTPUT=TAP LC_ALL=C.UTF-8
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
# The same files are compiled for five builds and for every commit: what is known already comes from the cache in the user's home.
[ ! -d /usr/lib/ccache ] || export PATH="/usr/lib/ccache:$PATH" CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1

ok() { passed=$((passed + 1)); printf 'ok      %s\n' "$1"; }
bad() { failed=$((failed + 1)); printf 'FAILED  %s\n' "$1"; [ -z "${2:-}" ] || tail -n "${3:-25}" "$2" | sed 's/^/        /'; }
wanted() { case " $want " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
step() { # NAME CMD...: one check, its output in a log
  local name=$1 log=$LOG/${1//[ \/]/_}.log began=$SECONDS; shift
  if "$@" >"$log" 2>&1 </dev/null; then ok "$name ($((SECONDS - began)) s)"; else bad "$name" "$log"; fi
}
taps() { # NAME CMD...: a program that prints TAP; each line counts
  local name=$1 log=$LOG/${1//[ \/]/_}.log rc n; shift
  local began=$SECONDS
  timeout 1800 "$@" >"$log" 2>&1 </dev/null; rc=$?
  n=$(grep -cE '^ok ' "$log"); passed=$((passed + n))
  n=$(grep -cE '^not ok ' "$log")
  if [ "$rc" = 0 ] && [ "$n" = 0 ]; then printf 'ok      %s (%s, %s s)\n' "$name" "$(grep -cE '^ok ' "$log")" $((SECONDS - began)); grep -E '^ok .* # the second time' "$log" | sed 's/^ok [0-9]*/        twice/'
  else failed=$((failed + (n > 0 ? n : 1))); printf 'FAILED  %s (exit %s)\n' "$name" "$rc"; grep -E '^not ok ' "$log" | tail -n 10 | sed 's/^/        /'; grep -vE '^ok ' "$log" | tail -n 30 | sed 's/^/        /'; fi
}

[ "$want" = "${want#*build}" ] || rm -rf build strata strata-sim
mkdir -p "$LOG"
if wanted build; then
  step "build gcc" make -j"$JOBS" all
  step "build clang" make -j"$JOBS" CC=clang build/clang/strata build/clang/strata-sim
fi
if wanted unit; then
  step "unit tests build" make -k -j"$JOBS" tests-built
  for t in tests/unit/test_*.c; do b=build/gcc/unit/$(basename "$t" .c); taps "unit $(basename "$b")" "$b"; done
fi
if wanted asan; then
  step "build asan+ubsan" make -k -j"$JOBS" SAN=address,undefined OPT=-O1 tests-built build/san-address-undefined/strata build/san-address-undefined/strata-sim
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  for t in tests/unit/test_*.c; do b=build/san-address-undefined/unit/$(basename "$t" .c); taps "asan $(basename "$b")" "$b"; done
  # The cockpit before the demo cloud, both sanitised: what is wrong makes an exit status of its own. (The demo cloud ends with its world in hand.)
  taps "asan screens" env ASAN_OPTIONS=exitcode=66 LSAN_OPTIONS=suppressions="$PWD/tests/screen/lsan.txt":print_suppressions=0 STRATA_SLOW=6 \
    STRATA=build/san-address-undefined/strata STRATA_SIM=build/san-address-undefined/strata-sim tests/screen/screen.sh $(tests/screen/sixth.sh 1)
fi
if wanted tsan; then
  step "build tsan" make -k -j"$JOBS" SAN=thread OPT=-O1 tests-built build/san-thread/strata
  for t in mbox net mem poll kube_feed exec; do taps "tsan test_$t" "build/san-thread/unit/test_$t"; done
  ln -sf ../gcc/strata-sim build/san-thread/strata-sim      # --demo looks for it beside the program
  taps "tsan screens" env TSAN_OPTIONS=exitcode=66 STRATA_SLOW=6 STRATA=build/san-thread/strata tests/screen/screen.sh $(tests/screen/sixth.sh 4)
fi
if wanted fuzz; then
  step "build fuzz" make -k -j"$JOBS" SAN=address,undefined OPT=-O1 fuzz
  for f in tests/fuzz/fuzz_*.c; do
    n=$(basename "$f" .c)
    step "fuzz ${n#fuzz_}" timeout 300 "build/san-address-undefined/fuzz/$n" "tests/fuzz/corpus/${n#fuzz_}" "${FUZZ_MUTATIONS:-1500}"
  done
fi
wanted lint && taps "lint" tests/lint/lint.sh
wanted contract && taps "contract on the demo cloud" tests/contract/contract.sh sim
wanted screen && taps "screens" tests/screen/screen.sh
wanted fault && taps "faults" tests/fault/fault.sh
if wanted man; then
  step "man pages" make man
  for m in strata.1 strata-config.5 strata-keys.7; do step "man $m" mandoc -T lint -W error "build/gcc/man/$m"; done
fi
if wanted install; then
  step "install" make install DESTDIR="$PWD/build/stage" PREFIX=/usr
  step "installed program runs" build/stage/usr/bin/strata --version
  for f in bash-completion/completions/strata zsh/site-functions/_strata fish/vendor_completions.d/strata.fish; do
    step "completion $f" grep -q hypervisor "build/stage/usr/share/$f"
  done
  step "uninstall" make uninstall DESTDIR="$PWD/build/stage" PREFIX=/usr
  step "nothing left" sh -c '! find build/stage -type f | grep .'
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
