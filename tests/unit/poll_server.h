/* A small Keystone and its services on loopback, of canned answers by rule: one thread, one connection at a time. */
#ifndef POLL_SERVER_H
#define POLL_SERVER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/call.h"
#include "core/core_priv.h"
#include "core/kube/kube_kind.h"
#include "core/openstack/ostk_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"

/* ---- the servers: one thread, one connection at a time, answers by rule ---- */
enum mode { FULL, DELTA, REFUSE_TOKEN, CUT, NOT_JSON, LOOP, DOWN, MFA, ODD, BUSY, REFUSE_CHANGE, HOST_DOWN };
static _Atomic int mode, tokens, lists, deltas, foreign, all_tenants, changes, port;
static int listener;
static char last_delta[512];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void item(struct str *s, const char *id, const char *status)
{
    str_addf(s, "%s{\"id\":\"%s\",\"name\":\"n-%s\",\"status\":\"%s\",\"tenant_id\":\"p1\"}", s->data[s->len - 1] == '[' ? "" : ",", id,
             id, status);
}

/* Pages of two, as a server with a small limit; the links name a host that only the cloud's inside knows. */
static void servers(struct str *b, const char *path)
{
    bool delta = strstr(path, "changes-since=") != NULL;
    if (delta) {
        deltas++;
        pthread_mutex_lock(&lock);
        snprintf(last_delta, sizeof last_delta, "%s", path);
        pthread_mutex_unlock(&lock);
    } else {
        lists++;
    }
    if (mode == NOT_JSON) {
        str_adds(b, "<html>proxy says hello</html>");
        return;
    }
    str_adds(b, "{\"servers\":[");
    if (delta) {
        if (mode == DELTA) {
            item(b, "a", "DELETED");
            item(b, "b", "SHUTOFF");
            item(b, "f", "BUILD");
        }
        str_adds(b, "]}");
        return;
    }
    bool second = strstr(path, "marker=b"), third = strstr(path, "marker=d");
    item(b, third ? "e" : second ? "c" : "a", "ACTIVE");
    if (!third)
        item(b, second ? "d" : "b", "ACTIVE");
    if (mode == ODD && third)
        str_adds(b, ",{\"name\":\"noid\"},7");
    str_adds(b, "]");
    if (mode == LOOP || !third)
        str_addf(b, ",\"servers_links\":[{\"rel\":\"next\",\"href\":\"https://inside.example:8774/v2.1/servers/detail?limit=2&marker=%s\"}]",
                 mode == LOOP ? "b" : second ? "d" : "b");
    str_adds(b, "}");
    if (mode == CUT)
        b->len = b->len / 2;
}

/* As Manila: pages by offset; the link of a full page has a marker, which is not heeded. */
static void shares(struct str *b, const char *path)
{
    const char *at = strstr(path, "offset=");
    int from = at ? atoi(at + 7) : 0;
    char id[24];
    lists++;
    foreign += strstr(path, "marker=") != NULL || !strstr(path, "limit=1000");
    str_adds(b, "{\"shares\":[");
    for (int i = from; i < 1003 && i < from + 1000; i++) {
        snprintf(id, sizeof id, "s%d", i);
        item(b, id, "available");
    }
    str_adds(b, from ? "]}" : "],\"shares_links\":[{\"rel\":\"next\",\"href\":\"http://h/v2/shares/detail?limit=1000&marker=s999\"}]}");
}

/* As Octavia: "a" is well, "b" is not, "c" has no pool; which trees are asked for is counted. */
static _Atomic int trees_a, trees_b, stamp_a, pools_a, pools_b;
static void balancers(struct str *b, const char *path, int *status)
{
    static const char lb[] = "{\"id\":\"%s\",\"name\":\"%s\",\"project_id\":\"p1\",\"provisioning_status\":\"ACTIVE\",\"operating_status\":\"%s\",\"updated_at\":\"%d\",\"pools\":[%s],\"listeners\":[{}]}";
    bool of_a = strstr(path, "/a/status"), of_b = strstr(path, "/b/status");
    trees_a += of_a;
    trees_b += of_b;
    if (!strncmp(path, "?", 1)) {
        str_adds(b, "{\"loadbalancers\":[");
        str_addf(b, lb, "a", "one", "ONLINE", (int)stamp_a, "{}");
        str_addc(b, ',');
        str_addf(b, lb, "b", "two", "DEGRADED", 0, "{}");
        str_addc(b, ',');
        str_addf(b, lb, "c", "three", "ONLINE", 0, "");
        str_adds(b, "]}");
    } else if (of_b && mode == HOST_DOWN) {
        *status = 404;                      /* deleted between the list and this */
    } else {
        foreign += !of_a && !of_b;
        str_addf(b, "{\"statuses\":{\"loadbalancer\":{\"listeners\":[{\"id\":\"l\",\"pools\":[{\"id\":\"p-%c\",\"members\":[{\"id\":\"m\",\"name\":\"w\",\"operating_status\":\"%s\","
                 "\"address\":\"10.0.0.%d\",\"protocol_port\":80}]}]}]}}}", of_a ? 'a' : 'b', of_a ? "ONLINE" : "ERROR", (int)stamp_a);
    }
}

/* Of "b" the first answer is none. */
static void pool_members(struct str *b, const char *path, int *status)
{
    int n = *path == 'a' ? ++pools_a : ++pools_b;
    if (strcmp(path + 1, "/members?fields=id&fields=subnet_id") != 0)
        foreign++;
    if (*path == 'b' && n == 1)
        *status = 500;
    else
        str_addf(b, "{\"members\":[{\"id\":\"m\",\"subnet_id\":%s}]}", *path == 'a' ? "\"sub-a\"" : "null");
}

static void reply(int fd, int status, const char *extra, const char *body, size_t len)
{
    char head[512];
    int n = snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n"
                     "%s\r\n", status, len, extra);
    if (send(fd, head, (size_t)n, MSG_NOSIGNAL) == n)
        (void)!send(fd, body, len, MSG_NOSIGNAL);
}

static void serve(int fd, const char *rq)
{
    struct str b;
    char path[512] = "", extra[64] = "", token[64];
    int status = 200;
    str_init(&b, 0);
    sscanf(rq, "%*s %511s", path);
    snprintf(token, sizeof token, "X-Auth-Token: t%d\r\n", (int)tokens);
    if (!strcmp(path, "/v3/auth/tokens") && mode == MFA && !strstr(rq, "Openstack-Auth-Receipt: r1\r\n")) {
        snprintf(extra, sizeof extra, "Openstack-Auth-Receipt: r1\r\n");
        status = 401;
        str_adds(&b, "{\"receipt\":{\"methods\":[\"password\"]},\"required_auth_methods\":[[\"password\",\"totp\"]]}");
    } else if (!strcmp(path, "/v3/auth/tokens") && mode == MFA && (strstr(rq, "\"pw\"") || !strstr(rq, "\"passcode\":\"123456\""))) {
        status = 400;                       /* only what is missing is to be sent */
    } else if (!strcmp(path, "/v3/auth/tokens")) {
        snprintf(extra, sizeof extra, "X-Subject-Token: t%d\r\n", (int)++tokens);
        status = 201;
        str_addf(&b, "{\"token\":{\"project\":{\"id\":\"p1\",\"name\":\"demo\"},\"user\":{\"name\":\"ann\"},\"catalog\":[{\"type\":\"compute\","
                 "\"endpoints\":[{\"interface\":\"public\",\"region\":\"R\",\"url\":\"http://127.0.0.1:%d/v2.1\"}]},"
                 "{\"type\":\"load-balancer\",\"endpoints\":[{\"interface\":\"public\",\"region\":\"R\",\"url\":\"http://127.0.0.1:%d/lb\"}]}]}}", (int)port, (int)port);
    } else if (!strcmp(path, "/lb") || !strcmp(path, "/lb/")) {
        str_adds(&b, "{\"versions\":[{\"id\":\"v2.27\",\"status\":\"CURRENT\",\"links\":[{\"rel\":\"self\",\"href\":\"https://inside.example/lb/v2\"}]}]}");
    } else if (!strcmp(path, "/")) {
        str_adds(&b, "{\"versions\":[{\"id\":\"v2.1\",\"version\":\"2.60\",\"min_version\":\"2.1\",\"links\":[{\"rel\":\"self\",\"href\":"
                 "\"https://inside.example:8774/v2.1/\"}]}]}");
    } else if (mode == BUSY) {
        status = 503;
        snprintf(extra, sizeof extra, "Retry-After: 20\r\n");
        mode = FULL;
    } else if (mode == DOWN) {
        status = 503;
        str_adds(&b, "{\"message\":\"database is gone\"}");
    } else if (mode == REFUSE_CHANGE && !strncmp(rq, "POST ", 5)) {
        status = 401;                       /* once, whatever the token */
        mode = FULL;
    } else if (!strstr(rq, token) || mode == REFUSE_TOKEN) {
        status = 401;
        if (mode == REFUSE_TOKEN)
            mode = FULL;
    } else if (!strncmp(rq, "POST ", 5) && !strcmp(path, "/v2.1/servers/a/action")) {
        changes++;
        status = 202;
    } else if (!strncmp(path, "/v2.1/servers/detail", 20)) {
        if (strstr(path, "all_tenants")) {
            all_tenants++;
            status = 403;
        } else {
            if (!strstr(rq, "OpenStack-API-Version: compute 2.60\r\n"))
                foreign++;
            servers(&b, path);
        }
    } else if (!strncmp(path, "/v2.1/shares/detail", 19)) {
        shares(&b, path);
    } else if (!strncmp(path, "/lb/v2/lbaas/loadbalancers", 26)) {
        balancers(&b, path + 26, &status);
    } else if (!strncmp(path, "/lb/v2/lbaas/pools/p-", 21)) {
        pool_members(&b, path + 21, &status);
    } else if (!strcmp(path, "/v2.1/hosts")) {
        str_addf(&b, "{\"hosts\":[{\"id\":\"h\",\"status\":\"%s\"}]}", mode == HOST_DOWN ? "BUILD" : "up");
    } else {
        status = 404;
        foreign++;
    }
    reply(fd, status, extra, b.data, b.len);
    str_release(&b);
}

static void *server(void *arg)
{
    (void)arg;
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd)) {
        char buf[16384];
        size_t len = 0;
        char *end = NULL, *cl;
        while (len < sizeof buf - 1) {
            ssize_t n = recv(fd, buf + len, sizeof buf - 1 - len, 0);
            if (n <= 0)
                break;
            len += (size_t)n;
            buf[len] = 0;
            if (!(end = strstr(buf, "\r\n\r\n")))
                continue;
            cl = strstr(buf, "Content-Length: ");
            if (!cl || len >= (size_t)(end + 4 - buf) + strtoul(cl + 16, NULL, 10))
                break;
        }
        if (end)
            serve(fd, buf);
        shutdown(fd, SHUT_WR);
    }
    return NULL;
}

#endif
