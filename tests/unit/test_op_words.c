/* Options of the command line in sentences of core, as the cockpit says them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/op_words.h"

static void says(const char *core, const char *here)
{
    struct str s;
    str_init(&s, 4096);
    op_words(core, strlen(core), &s);
    assert_string_equal(s.data, here);
    str_release(&s);
}

static void test_words(void **state)
{
    (void)state;
    says("cannot delete Pods that declare no controller (use --force to override)", "cannot delete Pods that declare no controller (use option force to override)");
    says("say which one is asked (--with), or --ignore-maintenance", "say which one is asked (option with), or option ignore-maintenance");
    says("agree to leave it (--leave=3f99)", "agree to leave it (option leave=3f99)");
    says("no cluster could be asked: start strata with --context kind, too", "no cluster could be asked: start strata with --context kind, too");
    says("pods stay: strata drain n1 --ignore-maintenance moves them, or --force", "pods stay: :drain n1 ignore-maintenance moves them, or option force");
    says("unfinished since 10:00: strata ops --resume k1 goes on with it (:unfinished), --rollback takes it back, --give-up lets it be begun anew; by me",
         "unfinished since 10:00: :unfinished goes on with it, takes it back, or gives it up; by me");
    says("a--force is no option, nor --forceful, nor a - b", "a--force is no option, nor --forceful, nor a - b");
    char small[20] = "use --force";
    op_words_in(small, sizeof small);
    assert_string_equal(small, "use option force");
    op_words_in(small, 12);
    assert_string_equal(small, "use option ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
