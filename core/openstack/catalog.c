/* The service catalog: which URL answers for a service type, by alias, region, interface and override. */
#include <string.h>
#include <strings.h>

#include "core/openstack/ostk_priv.h"
#include "strata/mem.h"
#include "strata/text.h"

/* Canonical type first, then the names it also goes by, newest first (service-types authority). */
static const char *const types[][6] = {
    {"block-storage", "volumev3", "block-store", "volume", "volumev2", NULL},
    {"container-infra", "container-infrastructure", "container-infrastructure-management", "container", NULL},
    {"baremetal", "bare-metal", NULL},
    {"load-balancer", "octavia", NULL},
    {"shared-file-system", "sharev2", "shared-file-systems", "share", NULL},
    {"instance-ha", "ha", "masakari", NULL},
    {"infra-optim", "resource-optimization", NULL},
    {"workflow", "workflowv2", NULL},
    {"alarm", "alarming", NULL},
    {"message", "messaging", NULL},
    {"dns", "designate", NULL},
    {"orchestration", "heat", NULL},
};
#define NTYPES (sizeof types / sizeof *types)

/* "block_storage" and "block-storage" are the same word */
static bool same_type(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b))
            return false;
    return *a == *b;
}

const char *ostk_type_canonical(const char *type)
{
    for (size_t i = 0; i < NTYPES; i++)
        for (size_t j = 0; types[i][j]; j++)
            if (same_type(types[i][j], type))
                return types[i][0];
    return type;
}

int ostk_type_rank(const char *canonical, const char *type)
{
    for (size_t i = 0; i < NTYPES; i++) {
        if (!same_type(types[i][0], canonical))
            continue;
        for (int j = 0; types[i][j]; j++)
            if (same_type(types[i][j], type))
                return j;
        return -1;
    }
    return same_type(canonical, type) ? 0 : -1;
}

const char *ostk_type_setting(const struct cloud *c, const char *type, const char *key)
{
    const char *v = cloud_service_setting(c, type, key), *canonical = ostk_type_canonical(type);
    for (size_t i = 0; !v && i < NTYPES; i++)
        for (size_t j = 0; !v && types[i][j] && same_type(types[i][0], canonical); j++)
            v = cloud_service_setting(c, types[i][j], key);
    return v && *v ? v : NULL;
}

static bool interface_is(const char *have, const char *want, size_t len)
{
    if (len > 3 && !strncasecmp(want + len - 3, "URL", 3))          /* "publicURL" of old files */
        len -= 3;
    return have && !strncasecmp(have, want, len) && (!have[len] || !strcasecmp(have + len, "URL"));
}

const char *ostk_catalog_endpoint(const json_t *entry, const char *region, const char *interfaces)
{
    const json_t *list = ostk_json(entry, "endpoints");
    const char *want = interfaces && *interfaces ? interfaces : "public";
    while (*want) {
        size_t i, len = strcspn(want, ", "), j;
        json_t *e;
        json_array_foreach(list, i, e) {
            const char *rid = ostk_json_str(e, "region_id"), *rname = ostk_json_str(e, "region"), *url = ostk_json_str(e, "url");
            j = url ? strlen(url) : 0;
            if (!j || !text_is_clean(url, j) || strchr(url, ' ') ||
                (strncasecmp(url, "http://", 7) && strncasecmp(url, "https://", 8)))
                continue;
            if (region && *region && !(rid && !strcmp(rid, region)) && !(rname && !strcmp(rname, region)))
                continue;
            if (len && interface_is(ostk_json_str(e, "interface"), want, len))
                return url;
        }
        want += len;
        want += strspn(want, ", ");
    }
    return NULL;
}

static char *clean_dup(const char *s)
{
    struct str b;
    str_init(&b, 512);
    if (s)
        text_clean(&b, s, strlen(s), 0);
    char *r = b.len ? str_take(&b) : NULL;
    str_release(&b);
    return r;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static int add_service(struct ostk_source *os, const char *type, const char *name)
{
    size_t n = os->nservices;
    if (!mem_grow(&os->services, &os->cap_services, n + 1, sizeof *os->services) ||
        !mem_grow(&os->svc, &os->cap_svc, n + 1, sizeof *os->svc))
        return -1;
    struct ostk_service *s = &os->services[n];
    *s = (struct ostk_service){.type = clean_dup(type), .name = clean_dup(name), .latency_ms = -1};
    if (!s->type) {
        mem_free(s->name);
        return -1;
    }
    if (!(os->svc[n] = mem_zalloc(sizeof **os->svc))) {
        mem_free(s->type);
        mem_free(s->name);
        return -1;
    }
    *os->svc[n] = (struct ostk_svc){.os = os, .index = (int)n, .canonical = ostk_type_canonical(s->type)};
    return (int)os->nservices++;
}

/* The endpoint of a service changed or was learnt: what was discovered below it is void. */
static bool set_endpoint(struct ostk_source *os, int i, const char *url)
{
    struct ostk_service *s = &os->services[i];
    struct ostk_split sp;
    if (same(s->endpoint, url))
        return true;
    ostk_version_cancel(os, i);
    mem_free(s->endpoint);
    mem_free(s->root);
    mem_free(s->versioned);
    s->endpoint = s->root = s->versioned = NULL;
    s->discovered = false;
    s->version_max[0] = s->version_min[0] = s->version_id[0] = 0;
    s->err = (struct err)ERR_INIT;
    os->svc[i]->disc_step = 0;
    if (!url)
        return true;
    if (!ostk_endpoint_split(&sp, url, os->token.project_id))
        return false;
    s->endpoint = mem_strdup(url);
    s->root = mem_strdup(sp.root);
    ostk_split_release(&sp);
    return s->endpoint && s->root;
}

static int find_entry(const struct ostk_source *os, const char *type, const char *name)
{
    for (size_t i = 0; i < os->nservices; i++)
        if (!strcmp(os->services[i].type, type) && (!name || same(os->services[i].name, name)))
            return (int)i;
    return -1;
}

/* <service>_endpoint_override beats the catalog, and makes a service where the catalog has none. */
static bool apply_overrides(struct ostk_source *os)
{
    static const char suffix[] = "_endpoint_override";
    for (size_t i = 0; i < os->conf.nsettings; i++) {
        const char *n = os->conf.setting_names[i], *v = os->conf.setting_values[i];
        size_t len = strlen(n), sl = sizeof suffix - 1;
        char type[64];
        int at = -1, best = -1;
        if (len <= sl || len - sl >= sizeof type || strcmp(n + len - sl, suffix) || !v || !*v)
            continue;
        memcpy(type, n, len - sl);
        type[len - sl] = 0;
        for (char *p = type; *p; p++)
            if (*p == '_')
                *p = '-';
        const char *canonical = ostk_type_canonical(type);
        for (size_t j = 0; j < os->nservices; j++) {
            int rank = ostk_type_rank(canonical, os->services[j].type);
            if (rank >= 0 && (best < 0 || rank < best)) {
                best = rank;
                at = (int)j;
            }
        }
        if (at < 0 && (at = add_service(os, canonical, NULL)) < 0)
            return false;
        if (!set_endpoint(os, at, v))
            return false;
    }
    return true;
}

bool ostk_catalog_update(struct ostk_source *os)
{
    size_t i, before = os->nservices;
    json_t *e;
    bool *seen = mem_zalloc(before + 1), ok = seen != NULL;
    json_array_foreach(os->token.catalog, i, e) {
        const char *type = ostk_json_str(e, "type"), *name = ostk_json_str(e, "name");
        char *ctype = clean_dup(type), *cname = clean_dup(name);
        if (ok && ctype && *ctype) {
            const char *region = ostk_type_setting(&os->conf, ctype, "region_name");
            const char *ifs = ostk_type_setting(&os->conf, ctype, "interface");
            int at = find_entry(os, ctype, cname);
            if (at < 0)
                at = add_service(os, ctype, cname);
            else if ((size_t)at < before)
                seen[at] = true;
            ok = at >= 0 && (ostk_type_setting(&os->conf, ctype, "endpoint_override") ||
                             set_endpoint(os, at, ostk_catalog_endpoint(e, region ? region : os->conf.region,
                                                                        ifs ? ifs : os->conf.interface)));
        }
        mem_free(ctype);
        mem_free(cname);
    }
    for (i = 0; ok && i < before; i++)            /* gone from the catalog: its index stays, its endpoint goes */
        if (!seen[i] && os->token.catalog && !ostk_type_setting(&os->conf, os->services[i].type, "endpoint_override"))
            ok = set_endpoint(os, (int)i, NULL);
    mem_free(seen);
    return ok && apply_overrides(os);
}

int ostk_service_index(struct ostk_source *os, const char *type)
{
    const char *other = ostk_type_setting(&os->conf, type, "service_type");
    const char *name = ostk_type_setting(&os->conf, type, "service_name");
    const char *canonical = other ? other : ostk_type_canonical(type);
    int at = -1, best = 1 << 20;
    for (size_t i = 0; i < os->nservices; i++) {
        const struct ostk_service *s = &os->services[i];
        int rank = other ? (strcmp(other, s->type) ? -1 : 0) : ostk_type_rank(canonical, s->type);
        if (rank < 0)
            continue;
        rank += s->endpoint ? 0 : 100;            /* one without an endpoint only if there is no other */
        rank += name && !same(name, s->name) ? 1000 : 0;
        if (rank < best) {
            best = rank;
            at = (int)i;
        }
    }
    /* without a catalog (auth none, admin_token, http_basic) the one endpoint answers whatever is asked */
    if (at < 0 && os->kind != OSTK_AUTH_V3 && os->conf.endpoint && *os->conf.endpoint) {
        at = add_service(os, canonical, NULL);
        if (at >= 0 && !set_endpoint(os, at, os->conf.endpoint))
            at = -1;
    }
    return at;
}

size_t ostk_services(const struct ostk_source *os, const struct ostk_service **list)
{
    *list = os->services;
    return os->catalog_done ? os->nservices : 0;
}

const struct ostk_service *ostk_find_service(const struct ostk_source *os, const char *type)
{
    int i = ostk_service_index((struct ostk_source *)os, type);
    return i >= 0 ? &os->services[i] : NULL;
}

bool ostk_catalog_any(const struct ostk_source *os, const char *type, bool (*each)(void *arg, const char *interface, const char *url), void *arg)
{
    const char *canonical = ostk_type_canonical(type), *region = ostk_type_setting(&os->conf, canonical, "region_name");
    size_t i, k;
    json_t *e, *at;
    region = region ? region : os->conf.region;
    json_array_foreach(os->token.catalog, i, e) {
        const char *have = ostk_json_str(e, "type");
        if (!have || ostk_type_rank(canonical, have) < 0)
            continue;
        json_array_foreach((json_t *)ostk_json(e, "endpoints"), k, at) {
            const char *rid = ostk_json_str(at, "region_id"), *rname = ostk_json_str(at, "region"), *url = ostk_json_str(at, "url");
            const char *interface = ostk_json_str(at, "interface");
            if (region && *region && !(rid && !strcmp(rid, region)) && !(rname && !strcmp(rname, region)))
                continue;
            if (url && text_is_clean(url, strlen(url)) && each(arg, interface ? interface : "", url))
                return true;
        }
    }
    return false;
}
