/* The patch languages, case by case as a real 1.36 server answers them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/sim/kube_patch.h"

static json_t *doc(const char *quoted)
{
    char text[4096];
    size_t n = strlen(quoted);
    assert_true(n < sizeof(text));
    for (size_t i = 0; i <= n; i++)
        text[i] = quoted[i] == '\'' ? '"' : quoted[i];
    json_t *j = json_loads(text, JSON_DECODE_ANY, NULL);
    if (!j)
        fail_msg("no JSON: %s", text);
    return j;
}

static void same(json_t *got, const char *want)
{
    json_t *w = doc(want);
    char *a = got ? json_dumps(got, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) : NULL, *b = json_dumps(w, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    if (!a)
        fail_msg("refused, wanted %s", b);
    assert_string_equal(a, b);
    free(a);
    free(b);
    json_decref(w);
    json_decref(got);
}

enum how { MERGE, OPS, STRATEGIC };
struct sample { enum how how; const char *kind, *before, *patch, *after; };    /* after NULL: refused */

static const struct sample samples[] = {
    {MERGE, "", "{'a':1,'b':{'c':2,'d':3}}", "{'a':null,'b':{'c':null,'e':4},'f':[1]}", "{'b':{'d':3,'e':4},'f':[1]}"},
    {MERGE, "", "{'a':{'b':1}}", "{'a':[{'c':null}]}", "{'a':[{'c':null}]}"},
    {MERGE, "", "{}", "{'a':{'b':{'c':null}}}", "{'a':{'b':{}}}"},
    {OPS, "", "{'a':[1,2]}", "[{'op':'add','path':'/a/1','value':9},{'op':'add','path':'/a/-','value':3}]", "{'a':[1,9,2,3]}"},
    {OPS, "", "{'a':{'x/y':1,'t~':2}}", "[{'op':'remove','path':'/a/x~1y'},{'op':'replace','path':'/a/t~0','value':5}]", "{'a':{'t~':5}}"},
    {OPS, "", "{'a':1}", "[{'op':'test','path':'/a','value':1},{'op':'move','from':'/a','path':'/b'},{'op':'copy','from':'/b','path':'/c'}]", "{'b':1,'c':1}"},
    {OPS, "", "{'data':{}}", "[{'op':'replace','path':'/data/new','value':'x'}]", "{'data':{'new':'x'}}"},
    {OPS, "", "{'a':1}", "[{'op':'test','path':'/a','value':2}]", NULL},
    {OPS, "", "{'a':1}", "[{'op':'remove','path':'/b'}]", NULL},
    {OPS, "", "{'a':[1]}", "[{'op':'replace','path':'/a/1','value':2}]", NULL},
    {OPS, "", "{'a':[1]}", "[{'op':'add','path':'/a/01','value':2}]", NULL},
    {OPS, "", "{'a':{'b':1}}", "[{'op':'move','from':'/a','path':'/a/b'}]", NULL},
    {OPS, "", "{'a':1}", "[{'op':'fly','path':'/a'}]", NULL},
    /* lists merge by the key of their items; what is new goes first */
    {STRATEGIC, "Deployment", "{'spec':{'containers':[{'name':'c','image':'x','env':[{'name':'A','value':'1'}]}]}}",
     "{'spec':{'containers':[{'name':'n','image':'n'},{'name':'c','env':[{'name':'B','value':'2'}]}]}}",
     "{'spec':{'containers':[{'name':'n','image':'n'},{'name':'c','image':'x','env':[{'name':'B','value':'2'},{'name':'A','value':'1'}]}]}}"},
    {STRATEGIC, "Deployment", "{'spec':{'containers':[{'name':'a'},{'name':'b'},{'name':'c'}]}}",
     "{'spec':{'$setElementOrder/containers':[{'name':'c'},{'name':'n'},{'name':'a'}],'containers':[{'name':'n','image':'i'}]}}",
     "{'spec':{'containers':[{'name':'b'},{'name':'c'},{'name':'n','image':'i'},{'name':'a'}]}}"},
    {STRATEGIC, "Deployment", "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}", "{'spec':{'$setElementOrder/containers':[{'name':'b'},{'name':'a'}]}}",
     "{'spec':{'containers':[{'name':'b'},{'name':'a'}]}}"},
    {STRATEGIC, "Deployment", "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}", "{'spec':{'containers':[{'$patch':'delete','name':'a'}]}}",
     "{'spec':{'containers':[{'name':'b'}]}}"},
    {STRATEGIC, "Deployment", "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}", "{'spec':{'containers':[{'$patch':'replace'},{'name':'z'}]}}",
     "{'spec':{'containers':[{'name':'z'}]}}"},
    {STRATEGIC, "Deployment", "{'spec':{'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxSurge':1}}}}",
     "{'spec':{'strategy':{'$retainKeys':['type'],'type':'Recreate'}}}", "{'spec':{'strategy':{'type':'Recreate'}}}"},
    {STRATEGIC, "Deployment", "{'spec':{'a':{'b':1,'c':2}}}", "{'spec':{'a':{'$patch':'replace','d':3}}}", "{'spec':{'a':{'d':3}}}"},
    {STRATEGIC, "Pod", "{'metadata':{'finalizers':['a','b']}}", "{'metadata':{'finalizers':['c']}}", "{'metadata':{'finalizers':['c','a','b']}}"},
    {STRATEGIC, "Pod", "{'metadata':{'finalizers':['a','b']}}", "{'metadata':{'$deleteFromPrimitiveList/finalizers':['a']}}", "{'metadata':{'finalizers':['b']}}"},
    {STRATEGIC, "Pod", "{'metadata':{'labels':{'a':'1','b':'2'}}}", "{'metadata':{'labels':{'a':null,'z':null,'c':'3'}}}", "{'metadata':{'labels':{'b':'2','c':'3'}}}"},
    {STRATEGIC, "Node", "{'status':{'conditions':[{'type':'Ready','status':'True','reason':'x'},{'type':'Disk'}]}}",
     "{'status':{'conditions':[{'type':'Ready','status':'False'}]}}",
     "{'status':{'conditions':[{'type':'Ready','status':'False','reason':'x'},{'type':'Disk'}]}}"},
    /* no key: replaced as a whole */
    {STRATEGIC, "Node", "{'spec':{'taints':[{'key':'a'}]}}", "{'spec':{'taints':[{'key':'b'}]}}", "{'spec':{'taints':[{'key':'b'}]}}"},
    {STRATEGIC, "Pod", "{'spec':{'tolerations':[{'key':'a'}]}}", "{'spec':{'tolerations':[{'key':'b'}]}}", "{'spec':{'tolerations':[{'key':'b'}]}}"},
    {STRATEGIC, "Service", "{'spec':{'ports':[{'port':80,'name':'a'}]}}", "{'spec':{'ports':[{'port':81},{'port':80,'name':'b'}]}}",
     "{'spec':{'ports':[{'port':81},{'port':80,'name':'b'}]}}"},
    {STRATEGIC, "PodDisruptionBudget", "{'spec':{'selector':{'matchLabels':{'a':'1'}}}}", "{'spec':{'selector':{'matchLabels':{'b':'2'}}}}",
     "{'spec':{'selector':{'matchLabels':{'b':'2'}}}}"},
    {STRATEGIC, "Pod", "{'spec':{}}", "{'spec':{'containers':[{'name':'x','$patch':'delete'},{'name':'y','env':null}]}}", "{'spec':{'containers':[{'name':'y'}]}}"},
    {STRATEGIC, "Pod", "{'spec':{'containers':[{'name':'x'}]}}", "{'spec':{'containers':[{'image':'y'}]}}", NULL},
    {STRATEGIC, "ConfigMap", "{'data':{}}", "{'$patch':'fly'}", NULL},
};

static void test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        const struct sample *s = &samples[i];
        struct patch_fault f = {0};
        json_t *before = doc(s->before), *patch = doc(s->patch), *kept = json_deep_copy(before);
        json_t *got = s->how == MERGE ? patch_merge(before, patch) : s->how == OPS ? patch_json(before, patch, &f) : patch_strategic(before, patch, s->kind, &f);
        if (s->after) {
            same(got, s->after);
        } else {
            assert_null(got);
            assert_true(f.status == 422 || f.status == 500);
            assert_true(*f.text);
        }
        assert_true(json_equal(before, kept));                 /* the arguments stay as they were */
        json_decref(before);
        json_decref(patch);
        json_decref(kept);
    }
}

/* The result shares nothing with what it was made from. */
static void test_own(void **state)
{
    (void)state;
    struct patch_fault f = {0};
    json_t *before = doc("{'spec':{'a':{'b':1},'containers':[{'name':'x','env':[{'name':'A'}]}]}}"), *patch = doc("{'spec':{'c':{'d':1}}}");
    json_t *kept = json_deep_copy(before), *got = patch_strategic(before, patch, "Pod", &f);
    json_object_set_new(json_object_get(json_object_get(got, "spec"), "a"), "b", json_integer(7));
    json_object_set_new(json_object_get(json_object_get(got, "spec"), "c"), "d", json_integer(7));
    assert_true(json_equal(before, kept));
    same(json_incref(patch), "{'spec':{'c':{'d':1}}}");
    json_decref(got);
    json_decref(before);
    json_decref(patch);
    json_decref(kept);
}

static void test_keys(void **state)
{
    (void)state;
    assert_string_equal(patch_merge_key("Deployment", "containers", "ports"), "containerPort");
    assert_string_equal(patch_merge_key("Service", "spec", "ports"), "port");
    assert_null(patch_merge_key("EndpointSlice", "", "ports"));
    assert_string_equal(patch_merge_key("Pod", "metadata", "finalizers"), "");
    assert_null(patch_merge_key("CustomResourceDefinition", "status", "conditions"));
    assert_null(patch_merge_key("Pod", "spec", "tolerations"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_samples), cmocka_unit_test(test_own), cmocka_unit_test(test_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
