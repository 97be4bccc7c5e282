/* Discovery documents, aggregated and old, and the names kubectl takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/kube/kube_priv.h"

#define RES(name, kind, singular, scope, verbs, shorts)                                                        \
    "{\"resource\":\"" name "\",\"responseKind\":{\"group\":\"\",\"version\":\"\",\"kind\":\"" kind "\"},\"scope\":\"" scope \
    "\",\"singularResource\":\"" singular "\",\"verbs\":[" verbs "],\"shortNames\":[" shorts "]}"
#define ALL "\"get\",\"list\",\"watch\",\"delete\""

static const char aggregated[] =
    "{\"kind\":\"APIGroupDiscoveryList\",\"items\":["
    "{\"metadata\":{},\"versions\":[{\"version\":\"v1\",\"freshness\":\"Current\",\"resources\":["
    RES("configmaps", "ConfigMap", "configmap", "Namespaced", ALL, "\"cm\"") ","
    RES("componentstatuses", "ComponentStatus", "componentstatus", "Cluster", "\"get\",\"list\"", "\"cs\"") ","
    RES("bindings", "Binding", "binding", "Namespaced", "\"create\"", "") "]}]},"
    "{\"metadata\":{\"name\":\"one.example.com\"},\"versions\":["
    "{\"version\":\"v1\",\"resources\":[" RES("widgets", "Widget", "widget", "Namespaced", ALL, "\"wd\"") "]},"
    "{\"version\":\"v1beta1\",\"freshness\":\"Stale\",\"resources\":[" RES("widgets", "Widget", "widget", "Namespaced", ALL, "\"wd\"") ","
    RES("gears", "Gear", "gear", "Cluster", ALL, "") "]}]},"
    "{\"metadata\":{\"name\":\"two.example.com\"},\"versions\":[{\"version\":\"v2\",\"resources\":["
    RES("widgets", "Widget", "widget", "Cluster", ALL, "\"cm\"") ","
    RES("bad\\u001bname", "Bad", "bad", "Cluster", ALL, "") "]}]}]}";

static void parse(struct kube_resources *r)
{
    struct err err = ERR_INIT;
    kube_resources_init(r);
    assert_int_equal(kube_resources_parse_aggregated(r, aggregated, sizeof aggregated - 1, &err), ERR_OK);
    kube_resources_name(r);
}

static void check(const struct kube_resources *r, const char *name, const char *group, const char *version, const char *id)
{
    const struct kube_resource *p = kube_resources_find(r, name);
    assert_non_null(p);
    assert_string_equal(p->group, group);
    assert_string_equal(p->version, version);
    assert_string_equal(p->kind.id, id);
}

static void names(void **state)
{
    struct kube_resources r;
    (void)state;
    parse(&r);
    assert_true(r.partial);
    check(&r, "configmaps", "", "v1", "configmaps");
    check(&r, "configmap", "", "v1", "configmaps");
    check(&r, "ConfigMap", "", "v1", "configmaps");
    check(&r, "cm", "", "v1", "configmaps");                    /* the first group that has the short name */
    check(&r, "cm.two.example.com", "two.example.com", "v2", "widgets.two.example.com");
    check(&r, "widgets", "one.example.com", "v1", "widgets");   /* preferred version, first group */
    check(&r, "wd", "one.example.com", "v1", "widgets");
    check(&r, "widgets.two.example.com", "two.example.com", "v2", "widgets.two.example.com");
    check(&r, "widgets.v1beta1.one.example.com", "one.example.com", "v1beta1", "widgets.v1beta1.one.example.com");
    check(&r, "gears", "one.example.com", "v1beta1", "gears");  /* only in the other version */
    check(&r, "configmaps.v1.", "", "v1", "configmaps");
    assert_null(kube_resources_find(&r, "widgets.three.example.com"));
    assert_null(kube_resources_find(&r, "nothing"));
    assert_null(kube_resources_find(&r, ""));
    assert_null(kube_resources_find(&r, "bad\033name"));
    kube_resources_release(&r);
}

static void flags(void **state)
{
    struct kube_resources r;
    bool list, watch;
    (void)state;
    parse(&r);
    const struct kind *k = &kube_resources_find(&r, "configmaps")->kind;
    assert_true(k->flags & KIND_NAMESPACED);
    assert_true(k->flags & KIND_DELETE);
    assert_true(kube_kind_may(k, &list, &watch));
    assert_true(list && watch);
    k = &kube_resources_find(&r, "cs")->kind;
    assert_false(k->flags & KIND_NAMESPACED);
    assert_false(k->flags & KIND_DELETE);
    kube_kind_may(k, &list, &watch);
    assert_true(list && !watch);
    kube_kind_may(&kube_resources_find(&r, "bindings")->kind, &list, &watch);
    assert_false(list || watch);
    assert_string_equal(k->title, "Componentstatuses");
    kube_resources_release(&r);
}

static void legacy(void **state)
{
    static const char doc[] =
        "{\"kind\":\"APIResourceList\",\"groupVersion\":\"one.example.com/v1\",\"resources\":["
        "{\"name\":\"widgets\",\"singularName\":\"\",\"namespaced\":true,\"kind\":\"Widget\",\"verbs\":[\"list\"],\"shortNames\":[\"wd\"]},"
        "{\"name\":\"widgets/status\",\"singularName\":\"\",\"namespaced\":true,\"kind\":\"Widget\",\"verbs\":[\"get\"]}]}";
    struct kube_resources r;
    struct err err = ERR_INIT;
    (void)state;
    kube_resources_init(&r);
    assert_int_equal(kube_resources_parse_legacy(&r, doc, sizeof doc - 1, &err), ERR_OK);
    kube_resources_name(&r);
    check(&r, "widget", "one.example.com", "v1", "widgets");
    assert_null(r.head->next);
    kube_resources_release(&r);
}

static void nonsense(void **state)
{
    static const char *const docs[] = {"", "null", "[]", "{\"kind\":\"Status\"}", "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[1,{},"
        "{\"versions\":[null,{\"resources\":[3,{\"resource\":7}]}]}]}"};
    struct kube_resources r;
    struct err err;
    (void)state;
    kube_resources_init(&r);
    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++) {
        kube_resources_parse_aggregated(&r, docs[i], strlen(docs[i]), &err);
        kube_resources_parse_legacy(&r, docs[i], strlen(docs[i]), &err);
        assert_null(r.head);
    }
    kube_resources_release(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names), cmocka_unit_test(flags), cmocka_unit_test(legacy), cmocka_unit_test(nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
