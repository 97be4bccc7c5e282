/* JSON from templates: values of all kinds, keys from arguments, escapes, and text that is no UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/sim/sim.h"

static void is(json_t *made, const char *want)
{
    char *text = jdump(made);
    assert_string_equal(text, want);
    free(text);
}

static void values(void **state)
{
    (void)state;
    is(jt("{'a':%s,'b':%s,'c':%i,'d':%l,'e':%b,'f':%b,'g':%j,'h':%j}", "x", NULL, -3, (int64_t)1 << 40, 1, 0, json_integer(7), NULL),
       "{\"a\":\"x\",\"b\":null,\"c\":-3,\"d\":1099511627776,\"e\":true,\"f\":false,\"g\":7,\"h\":null}");
    is(jt("[ 1, -2.5 ,true,false,null, {} , [] ,'']"), "[1,-2.5,true,false,null,{},[],\"\"]");
    is(jt("%s", "alone"), "\"alone\"");
    is(jt("'word'"), "\"word\"");
    is(jt("12"), "12");
    is(jt("{%s:%i,\"quoted\":[%s]}", "key", 1, "q\"'\\"), "{\"key\":1,\"quoted\":[\"q\\\"'\\\\\"]}");
    is(jt("{'a':1,'a':2}"), "{\"a\":2}");
}

static void literals(void **state)
{
    (void)state;
    is(jt("['25%%','a\\nb','\\u001b[5m','it\\u0027s']"), "[\"25%\",\"a\\nb\",\"\\u001B[5m\",\"it's\"]");
    is(jt("['\303\244\346\227\245']"), "[\"\303\244\346\227\245\"]");
}

static void broken_text(void **state)
{
    (void)state;
    is(jt("[%s]", "a\377b\303"), "[\"a\357\277\275b\357\277\275\"]");
    is(jt("[%s]", "\346\227\245\346\227"), "[\"\346\227\245\357\277\275\357\277\275\"]");
    is(jt("{%s:1}", "\300\200"), "{\"\357\277\275\357\277\275\":1}");
    is(jt("[%s]", "\033\001"), "[\"\\u001B\\u0001\"]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values), cmocka_unit_test(literals), cmocka_unit_test(broken_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
