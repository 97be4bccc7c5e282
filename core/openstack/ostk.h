/*
 * Purpose:   inside core/openstack: an authenticated client for one cloud and region.
 * Thread:    net thread.
 * Ownership: strings in are copied; replies are borrowed for the callback.
 * Errors:    a started call completes exactly once; reply->err is also set for every status >= 400.
 *
 * Files: source.c (struct, start, probe, info), keystone.c (tokens, all auth types, MFA receipts, scope, renewal),
 *        catalog.c (service types and aliases, region, interface, overrides), version.c (discovery, microversions),
 *        client.c (ostk_send), poll.c (generic list poller: paging, deltas, pace), services.c (driver of os-services),
 *        names.c (project, user, flavor, image names by id), requests.c (struct request), describe.c, doctor.c.
 */
#ifndef STRATA_OSTK_H
#define STRATA_OSTK_H

#include "core/openstack/ostk_kind.h"
#include "core/source.h"

struct ostk_source;               /* first member: struct source */
struct ostk_call;

struct ostk_req {
    const char *service;          /* "compute"; aliases are resolved against the catalog */
    const char *method;           /* NULL = GET */
    const char *path;             /* below the versioned endpoint: "/servers/detail?limit=1000"; or a full URL (next links) */
    const char *microversion;     /* wanted "2.93": sent negotiated down to what the server has; NULL = none */
    const char *body;             /* JSON */
    size_t body_len;
    int timeout_ms;               /* 0 = 60,000 */
    size_t max_body;              /* 0 = 256 MiB */
    int retries;
    bool fresh;                   /* on a connection of its own: a change, see core/call.h */
    bool root;                    /* path is below the service root (version documents), no token needed */
    void (*on_done)(void *arg, const struct net_reply *reply);
    void *arg;
};
/* Gets a token first when there is none or it ends soon (one for all waiters); on a 401 renews once and repeats. One
 * request in flight per service: further ones queue, unless `root`. NULL: out of memory, no callback. */
struct ostk_call *ostk_send(struct ostk_source *os, const struct ostk_req *rq, struct err *err);
void ostk_cancel(struct ostk_call *c);

/* The catalog after the first token. */
struct ostk_service {
    char *type, *name;            /* "compute", "nova" */
    char *endpoint;               /* chosen for region and interface, or NULL: none there */
    char *root;                   /* service root for version discovery */
    char *versioned;              /* URL requests go below; NULL until discovered */
    char version_max[24], version_min[24], version_id[24];   /* microversions "2.93"/"2.1" or "", "v2.1" */
    int64_t latency_ms;           /* -1 unknown */
    struct err err;               /* last failure of the API itself */
    bool guessed;                 /* no version document was understood: the endpoint as the catalog has it */
    bool discovered;
    bool waiting;                 /* err says what a call waits for before it tries again */
};
size_t ostk_services(const struct ostk_source *os, const struct ostk_service **list);
const struct ostk_service *ostk_find_service(const struct ostk_source *os, const char *type);
/* Every URL by which the catalog says that a service type can be reached in the source's region (public, internal, admin),
 * until each() says true; is that so? */
bool ostk_catalog_any(const struct ostk_source *os, const char *type, bool (*each)(void *arg, const char *interface, const char *url), void *arg);

bool ostk_may_all_projects(const struct ostk_source *os);    /* until a 403 taught otherwise */
const char *ostk_project_id(const struct ostk_source *os);   /* of the token, "" if none */
int64_t ostk_now_ms(const struct ostk_source *os);           /* cloud's wall clock */
bool ostk_idle(const struct ostk_source *os);
void ostk_busy(struct ostk_source *os);                      /* something was just changed: poll faster for a while */

/* names.c: cached id -> name ("" while unknown; a lookup is started, rows are refreshed when it ends). */
const char *ostk_name(struct ostk_source *os, const char *what /* "project", "user", "flavor", "image"; "fault" of a server */, const char *id);

/* A kind that is not one list. */
struct ostk_driver {
    void (*open)(struct ostk_source *os, struct feed *f);
    void (*close)(struct ostk_source *os, struct feed *f);
    void (*refresh)(struct ostk_source *os, struct feed *f);
};
extern const struct ostk_driver ostk_poll_driver;            /* poll.c: the generic one */
extern const struct ostk_driver ostk_services_driver;        /* services.c */
extern const struct ostk_driver ostk_quota_driver;           /* quota.c */
extern const struct ostk_driver ostk_lb_driver;              /* lb_members.c */

/* For probes on a loop of their own: TLS identity (strings borrowed); the token (NULL while there is none) with its
 * generation; a service said 401 to it; start version discovery of a service (its `versioned` comes later). */
void ostk_site_conf(const struct ostk_source *os, struct net_site_conf *conf);
const char *ostk_token_id(const struct ostk_source *os, unsigned *generation);
void ostk_token_refused(struct ostk_source *os, unsigned generation);
void ostk_discover(struct ostk_source *os, const char *type);

/* JSON helpers (json.c): NULL-safe. Path "a.b.0.c"; keys containing dots or colons are matched whole first. */
const struct json_t *ostk_json(const struct json_t *o, const char *path);
const char *ostk_json_str(const struct json_t *o, const char *path);       /* NULL if absent or not text */
int64_t ostk_json_int(const struct json_t *o, const char *path, int64_t dflt);
/* Fills every column of rb->kind that has a .path (type by column; times parsed, MiB/GiB left to decode). */
void ostk_fill_columns(struct rowbuf *rb, const struct json_t *item);

int ostk_version_cmp(const char *a, const char *b);        /* "2.9" < "2.93", "v" ignored */
/* read.c: one item by its identity. Fills r (path initialised by the caller); false: this kind has no such place. */
struct ostk_read { char service[64]; const char *microversion; struct str path; };
bool ostk_read_path(struct ostk_read *r, const struct kind *k, const char *uid, const char *name);
/* Where the item is read: k->item_path with its identity in it. false: memory. */
bool ostk_item_path(struct str *out, const struct ostk_kind *k, const char *id, const char *name);
/* The id of an item; id_key "binary/host" joins two members where the API gives none. buf holds it when it is no text; NULL: it has none. */
const char *ostk_item_id(const struct ostk_kind *k, const struct json_t *item, char *buf, size_t size);
bool ostk_is_item(const struct ostk_kind *k, const struct json_t *item, const char *id);
/* The item in the answer, without its wrapper; a new reference, NULL: it is not in it. */
struct json_t *ostk_read_item(const struct kind *k, const char *uid, const char *name, struct json_t *doc);

/* requests.c: struct source_ops.request / .cancel for this plane */
void ostk_request(struct source *s, struct request *rq);
void ostk_request_cancel(struct source *s, struct request *rq);

#endif
