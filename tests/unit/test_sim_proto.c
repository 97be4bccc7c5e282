/* Request bodies in protobuf: what kubectl's typed commands send becomes the JSON they mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/sim/kube_proto.h"

/* Writes protobuf: a run of fields. */
struct out { unsigned char b[1024]; size_t n; };

static void put_varint(struct out *o, uint64_t v)
{
    do {
        assert_true(o->n < sizeof(o->b));
        o->b[o->n++] = (unsigned char)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
        v >>= 7;
    } while (v);
}

static void put_int(struct out *o, unsigned number, uint64_t v)
{
    put_varint(o, number << 3);
    put_varint(o, v);
}

static void put_run(struct out *o, unsigned number, const void *data, size_t n)
{
    put_varint(o, number << 3 | 2);
    put_varint(o, n);
    assert_true(o->n + n <= sizeof(o->b));
    memcpy(o->b + o->n, data, n);
    o->n += n;
}

static void put_text(struct out *o, unsigned number, const char *text)
{
    put_run(o, number, text, strlen(text));
}

static void put_message(struct out *o, unsigned number, const struct out *m)
{
    put_run(o, number, m->b, m->n);
}

static struct out body(const char *api, const char *kind, const struct out *raw)
{
    struct out type = {0}, all = {.b = {'k', '8', 's', 0}, .n = 4};
    put_text(&type, 1, api);
    put_text(&type, 2, kind);
    put_message(&all, 1, &type);
    put_message(&all, 2, raw);
    put_text(&all, 3, "");
    put_text(&all, 4, "");
    return all;
}

static void same(const struct out *o, const char *want)
{
    json_t *got = proto_read((const char *)o->b, o->n);
    assert_non_null(got);
    char *text = json_dumps(got, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, want);
    free(text);
    json_decref(got);
}

static void test_configmap(void **state)
{
    struct out meta = {0}, entry = {0}, empty = {0}, raw = {0};
    (void)state;
    put_text(&meta, 1, "z");
    put_text(&meta, 2, "");                                    /* written though not set */
    put_int(&meta, 7, 0);
    put_message(&meta, 8, &empty);                             /* creationTimestamp: none */
    put_text(&entry, 1, "a");
    put_text(&entry, 2, "b");
    put_message(&raw, 1, &meta);
    put_message(&raw, 2, &entry);
    put_int(&raw, 99, 5);                                      /* unknown: skipped */
    struct out all = body("v1", "ConfigMap", &raw);
    same(&all, "{\"apiVersion\":\"v1\",\"data\":{\"a\":\"b\"},\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"z\"}}");
}

static void test_deployment(void **state)
{
    struct out meta = {0}, port = {0}, box = {0}, pod = {0}, tmpl = {0}, spec = {0}, raw = {0}, surge = {0}, rolling = {0}, strategy = {0};
    (void)state;
    put_text(&meta, 1, "d");
    put_text(&port, 1, "");
    put_int(&port, 2, 0);
    put_int(&port, 3, 80);
    put_text(&box, 1, "c");
    put_text(&box, 2, "x");
    put_message(&box, 6, &port);
    put_message(&pod, 2, &box);
    put_message(&tmpl, 2, &pod);
    put_int(&surge, 1, 1);
    put_int(&surge, 2, 0);
    put_text(&surge, 3, "25%");
    put_message(&rolling, 2, &surge);
    put_message(&strategy, 2, &rolling);
    put_int(&spec, 1, 0);                                      /* a pointer: 0 replicas are meant */
    put_message(&spec, 3, &tmpl);
    put_message(&spec, 4, &strategy);
    put_int(&spec, 5, 0);                                      /* minReadySeconds: no pointer, not set */
    put_message(&raw, 1, &meta);
    put_message(&raw, 2, &spec);
    struct out all = body("apps/v1", "Deployment", &raw);
    same(&all, "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"d\"},\"spec\":{\"replicas\":0,\"strategy\":{\"rollingUpdate\":"
               "{\"maxSurge\":\"25%\"}},\"template\":{\"spec\":{\"containers\":[{\"image\":\"x\",\"name\":\"c\",\"ports\":[{\"containerPort\":80}]}]}}}}");
}

static void test_inline_and_bytes(void **state)
{
    struct out meta = {0}, entry = {0}, raw = {0};
    (void)state;
    put_text(&meta, 1, "s");
    put_text(&entry, 1, "k");
    put_run(&entry, 2, "b\0c", 3);
    put_message(&raw, 1, &meta);
    put_message(&raw, 2, &entry);
    struct out all = body("v1", "Secret", &raw);
    same(&all, "{\"apiVersion\":\"v1\",\"data\":{\"k\":\"YgBj\"},\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\"}}");
    struct out dir = {0}, source = {0}, volume = {0}, spec = {0}, pod = {0};
    put_message(&source, 2, &dir);                             /* emptyDir: {} is a pointer, kept */
    put_text(&volume, 1, "v");
    put_message(&volume, 2, &source);
    put_message(&spec, 1, &volume);
    put_message(&pod, 2, &spec);
    all = body("v1", "Pod", &pod);
    same(&all, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"volumes\":[{\"emptyDir\":{},\"name\":\"v\"}]}}");
}

static void test_broken(void **state)
{
    struct out raw = {0};
    (void)state;
    put_text(&raw, 1, "not a message");
    struct out all = body("v1", "ConfigMap", &raw);
    assert_null(proto_read((const char *)all.b, all.n));
    all = body("v1", "NoSuchKind", &(struct out){0});
    assert_null(proto_read((const char *)all.b, all.n));
    assert_null(proto_read("k8s", 3));
    assert_null(proto_read("k8s", 4));
    assert_false(proto_is("{\"a\"", 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_configmap), cmocka_unit_test(test_deployment), cmocka_unit_test(test_inline_and_bytes),
                                       cmocka_unit_test(test_broken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
