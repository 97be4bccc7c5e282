/* describe: elastic columns, what is shown of hostile or secret objects, and what hides nothing that could not be asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/kube/describe_out.h"
#include "strata/mem.h"
#include "strata/text.h"

#define KUBE(g, r, k) &(const struct kube_kind){.group = g, .version = "v1", .resource = r, .object_kind = k}

/* One space for many: widths are tested once, in columns. */
static char *squeeze(char *t)
{
    char *o = t;
    for (const char *p = t; *p; p++)
        if (*p != ' ' || o == t || o[-1] != ' ')
            *o++ = *p;
    *o = '\0';
    return t;
}

static char *describe(const struct kube_kind *kk, const char *json, const char *events, const char *side)
{
    struct kind kind = {.id = "x", .plane = PLANE_KUBE, .kube = kk};
    struct describe_in in = {.kind = &kind, .source = "mgmt", .now_ms = 1795255800000};
    struct str out;
    in.obj = json_loads(json, 0, NULL);
    assert_non_null(in.obj);
    in.side[0].json = events ? json_loads(events, 0, NULL) : NULL;
    in.side[1].json = side ? json_loads(side, 0, NULL) : NULL;
    if (!events)
        err_set(&in.side[0].err, ERR_FORBIDDEN, 403, "events is forbidden");
    str_init(&out, 0);
    assert_true(kube_describe(&out, &in));
    json_decref((json_t *)in.obj);
    json_decref(in.side[0].json);
    json_decref(in.side[1].json);
    return squeeze(str_take(&out));
}

static void columns(void **state)
{
    (void)state;
    struct str out;
    const char *raw = "Name:\tx\nLong Label:\ty\n  In:\tz\nno tab here\nA:\tb\tc\nAAAA:\tbbbb\tc\n\f\nB:\tq\n";
    str_init(&out, 0);
    assert_true(d_columns(&out, raw, strlen(raw)));
    assert_string_equal(out.data, "Name:        x\nLong Label:  y\n  In:        z\nno tab here\nA:     b     c\nAAAA:  bbbb  c\nB:  q\n");
    str_release(&out);
}

static void secret_values_never(void **state)
{
    (void)state;
    char *t = describe(KUBE("", "secrets", "Secret"),
                       "{\"metadata\":{\"name\":\"s\",\"namespace\":\"n\"},\"type\":\"Opaque\",\"data\":{\"pw\":\"aHVudGVyMg==\",\"e\":\"\"}}",
                       "{\"items\":[]}", NULL);
    assert_non_null(strstr(t, "pw: 7 bytes"));
    assert_non_null(strstr(t, "e: 0 bytes"));
    assert_null(strstr(t, "aHVudGVyMg"));
    mem_free(t);
}

static const char pod[] =
    "{\"metadata\":{\"name\":\"p\",\"namespace\":\"n\",\"uid\":\"u\",\"ownerReferences\":[{\"kind\":\"ReplicaSet\",\"name\":\"rs\","
    "\"controller\":true}]},\"spec\":{\"nodeName\":\"node-1\",\"containers\":[{\"name\":\"c\",\"image\":\"img\\u001b[31m\",\"env\":["
    "{\"name\":\"PW\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\",\"key\":\"pw\"}}},{\"name\":\"ME\",\"valueFrom\":{\"fieldRef\":"
    "{\"apiVersion\":\"v1\",\"fieldPath\":\"metadata.name\"}}}],\"readinessProbe\":{\"httpGet\":{\"path\":\"/ok\",\"port\":80,"
    "\"scheme\":\"HTTP\"},\"timeoutSeconds\":1,\"periodSeconds\":10,\"successThreshold\":1,\"failureThreshold\":3}}],"
    "\"tolerations\":[{\"key\":\"k\",\"operator\":\"Exists\",\"effect\":\"NoExecute\",\"tolerationSeconds\":300}]},"
    "\"status\":{\"phase\":\"Running\",\"hostIP\":\"10.0.0.1\",\"qosClass\":\"BestEffort\",\"containerStatuses\":[{\"name\":\"c\","
    "\"ready\":false,\"restartCount\":3,\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}},\"lastState\":{\"terminated\":"
    "{\"reason\":\"Error\",\"exitCode\":1,\"startedAt\":\"2026-11-21T10:00:00Z\",\"finishedAt\":\"2026-11-21T10:00:01Z\"}}}]}}";

static void a_pod(void **state)
{
    (void)state;
    char *t = describe(KUBE("", "pods", "Pod"), pod,
                       "{\"items\":[{\"type\":\"Warning\",\"reason\":\"BackOff\",\"message\":\"later\\nline\",\"count\":4,\"firstTimestamp\":"
                       "\"2026-11-21T10:00:00Z\",\"lastTimestamp\":\"2026-11-21T10:09:00Z\",\"source\":{\"component\":\"kubelet\"},"
                       "\"involvedObject\":{\"fieldPath\":\"spec.containers{c}\"}},{\"type\":\"Normal\",\"reason\":\"Scheduled\",\"message\":"
                       "\"first\",\"eventTime\":\"2026-11-21T10:00:00.5Z\",\"reportingComponent\":\"default-scheduler\"}]}", NULL);
    static const char *const wanted[] = {
        "Node: node-1/10.0.0.1\n", "Controlled By: ReplicaSet/rs\n", " Image: img\n",
        " State: Waiting\n Reason: CrashLoopBackOff\n", " Last State: Terminated\n Reason: Error\n",
        " Exit Code: 1\n", " Restart Count: 3\n",
        "http-get http://:80/ok delay=0s timeout=1s period=10s #success=1 #failure=3\n",
        " PW: <set to the key 'pw' in secret 's'> Optional: false\n", " ME: p (v1:metadata.name)\n",
        "QoS Class: BestEffort\n", "k:NoExecute op=Exists for 300s\n",
        " Normal Scheduled 9m59s default-scheduler first\n"
        " Warning BackOff 60s (x4 over 10m) kubelet spec.containers{c}: later line\n"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!strstr(t, wanted[i]))
            fail_msg("missing: %s in\n%s", wanted[i], t);
    for (const char *p = t; *p; p++)
        assert_true(*p == '\n' || (unsigned char)*p >= 0x20);
    mem_free(t);
}

/* What may not be read is said, never shown as if there were none. */
static void unknown_is_said(void **state)
{
    (void)state;
    char *t = describe(KUBE("apps", "replicasets", "ReplicaSet"), "{\"metadata\":{\"name\":\"r\"},\"spec\":{},\"status\":{}}", NULL, NULL);
    assert_non_null(strstr(t, "<not known: events is forbidden>"));
    assert_non_null(strstr(t, "Pods Status: <not known"));
    mem_free(t);
}

static void any_kind(void **state)
{
    (void)state;
    char *t = describe(KUBE("x.io", "things", "Thing"),
                       "{\"apiVersion\":\"x.io/v1\",\"kind\":\"Thing\",\"metadata\":{\"name\":\"t\",\"uid\":\"u1\"},\"spec\":{\"podCIDR\":\"10\","
                       "\"someAPIField\":[{\"maxSize\":3},{\"maxSize\":4}],\"on\":true,\"a.b\":null}}", "{\"items\":[]}", NULL);
    static const char *const wanted[] = {"API Version: x.io/v1\n", "Metadata:\n UID: u1\n", " a.b: <nil>\n", " On: true\n",
                                         " Pod CIDR: 10\n", " Some API Field:\n Max Size: 3\n Max Size: 4\n"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!strstr(t, wanted[i]))
            fail_msg("missing: %s in\n%s", wanted[i], t);
    mem_free(t);
}

/* Nothing leaks and nothing crashes wherever memory runs out. */
static void no_memory(void **state)
{
    (void)state;
    struct kind kind = {.id = "x", .plane = PLANE_KUBE, .kube = KUBE("", "pods", "Pod")};
    struct describe_in in = {.kind = &kind, .source = "mgmt"};
    in.obj = json_loads(pod, 0, NULL);
    bool ok = false;
    for (long n = 1; n < 400 && !ok; n++) {
        struct str out;
        str_init(&out, 0);
        mem_fail_at(n, true);
        ok = kube_describe(&out, &in);
        mem_fail_at(0, false);
        str_release(&out);
    }
    assert_true(ok);
    json_decref((json_t *)in.obj);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(columns), cmocka_unit_test(secret_values_never), cmocka_unit_test(a_pod),
                                       cmocka_unit_test(unknown_is_said), cmocka_unit_test(any_kind), cmocka_unit_test(no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
