/*
 * Purpose:   what the files of the OpenStack client share and nobody else sees.
 * Thread:    net thread.
 * Ownership: struct ostk_source owns everything reachable from it; calls are on os->calls until they end.
 * Errors:    pure helpers return false and leave a sentence in *err.
 */
#ifndef STRATA_OSTK_PRIV_H
#define STRATA_OSTK_PRIV_H

#include <jansson.h>

#include "core/openstack/ostk.h"
#include "strata/clouds.h"
#include "strata/map.h"

/* ---- keystone_body.c: pure ---- */
enum ostk_auth_kind { OSTK_AUTH_V3, OSTK_AUTH_NONE, OSTK_AUTH_BASIC, OSTK_AUTH_ADMIN_TOKEN };
#define OSTK_M_PASSWORD 1u
#define OSTK_M_TOKEN 2u
#define OSTK_M_APPCRED 4u
#define OSTK_M_TOTP 8u

struct ostk_token {
    char *id;                                    /* secret */
    char *user_id, *user_name, *user_domain, *project_id, *project_name, *project_domain, *domain_name;
    bool system, admin;                          /* scope "all"; has the role admin */
    int64_t issued_ms, expires_ms;               /* 0 = unknown */
    json_t *catalog;                             /* array or NULL */
};
void ostk_token_release(struct ostk_token *t);
struct ostk_source;
bool ostk_unscoped(const struct ostk_source *os, struct err *err);   /* a token for nothing in particular: its catalog is empty */
/* What a cloud entry asks for; false with one sentence when it cannot be done. */
bool ostk_auth_plan(const struct cloud *c, enum ostk_auth_kind *kind, unsigned *methods, struct err *err);
bool ostk_auth_body(struct str *out, const struct cloud *c, unsigned methods, bool scoped);
bool ostk_token_parse(struct ostk_token *t, const char *body, size_t len, struct err *err);
/* MFA: of a 401 body with a receipt, the methods still to be given that `can` covers; 0 = none fits. names: what the
 * server wants, for the sentence. */
unsigned ostk_receipt_missing(const char *body, size_t len, unsigned can, char *names, size_t size);
/* Message of an OpenStack fault (any of the services' shapes), cleaned; false if there is none. */
bool ostk_fault(const char *body, size_t len, char *buf, size_t size);
/* "user admin (domain Default)", "project demo": for sentences and the header. */
void ostk_who(const struct cloud *c, char *buf, size_t size);
void ostk_scope_text(const struct cloud *c, char *buf, size_t size);

/* ---- catalog.c ---- */
const char *ostk_type_canonical(const char *type);                 /* "volumev3" -> "block-storage" */
int ostk_type_rank(const char *canonical, const char *type);       /* 0 = canonical itself, then aliases, -1 = other */
const char *ostk_type_setting(const struct cloud *c, const char *type, const char *key);   /* also by alias */
/* Best endpoint of one catalog entry (borrowed), NULL if none fits. */
const char *ostk_catalog_endpoint(const json_t *entry, const char *region, const char *interfaces);
bool ostk_catalog_update(struct ostk_source *os);                  /* after each new token */
int ostk_service_index(struct ostk_source *os, const char *type);  /* -1 = none */

/* ---- version.c ---- */
struct ostk_split { char *root; char version[24]; char *project; };   /* parts of an endpoint URL */
bool ostk_endpoint_split(struct ostk_split *sp, const char *url, const char *project_id);
void ostk_split_release(struct ostk_split *sp);
struct ostk_version { char segment[24], id[24], min[24], max[24]; };
/* Picks the version to use from any service's versions document. type canonical; have = version in the endpoint. */
bool ostk_version_pick(struct ostk_version *v, const json_t *doc, const char *type, const char *have);
/* Negotiated down to max; "" when the server has no microversions or is older than anything we know. */
void ostk_negotiate(char *buf, size_t size, const char *want, const char *min, const char *max);
void ostk_version_want(struct ostk_source *os, int svc);           /* starts discovery once; then ostk_kick */
/* A list was not there, and where the lists are was a guess: that tells nothing of what there is. It is looked at again. */
bool ostk_lost_way(struct ostk_source *os, const char *type, struct err *err);
void ostk_version_cancel(struct ostk_source *os, int svc);

/* ---- state ---- */
struct ostk_svc {                          /* run-time half of struct ostk_service, same index */
    struct ostk_call *flight;              /* the newest on the wire */
    int64_t flight_ms;                     /* since when, mono */
    struct net_call *disc;
    int disc_step;
    bool disc_token;
    const char *canonical;
    bool used;                             /* something asks this API: probe it when it fails */
    struct ostk_source *os;
    int index;
};

struct ostk_names;
struct ostk_poll;

struct ostk_source {
    struct source base;
    struct cloud conf;
    char *label;                           /* name for sentences: "cloud lab-admin" */
    struct net_site *site;
    enum ostk_auth_kind kind;
    unsigned methods;
    struct err broken;                     /* configuration that cannot work: never tried */
    /* keystone.c */
    struct ostk_token token;
    bool have_token;
    unsigned token_gen;
    struct net_call *auth_call;
    int auth_phase;
    unsigned auth_sent;                    /* methods in the request under way */
    char *identity;                        /* ".../v3" once known */
    char identity_version[24];
    char *receipt;
    bool explained;                        /* "why 401" was looked into once */
    bool role_missing;                     /* and it was the scope, not the password */
    bool passcode_used;
    struct err auth_err;                   /* last failure; OK = none */
    struct net_backoff auth_backoff;
    int64_t auth_retry_ms, auth_tried_ms, renewed_ms;  /* mono */
    struct net_timer *auth_timer, *slow_timer;
    struct err auth_wait;                  /* it was asked and has not answered yet */
    /* catalog.c, version.c */
    struct ostk_service *services;
    struct ostk_svc **svc;
    size_t nservices, cap_services, cap_svc;
    bool catalog_done;
    /* client.c */
    struct ostk_call *calls, **calls_tail;
    struct net_timer *kick, *late;
    /* poll.c */
    struct ostk_poll *polls;
    bool no_all, idle, freeing;
    int64_t busy_until_ms;
    /* names.c */
    struct ostk_names *names;
    /* source.c */
    struct net_timer *probe_timer;
    int64_t last_answer_ms;                /* mono: any answer of any API */
    struct ostk_call *probe_call;
    size_t probe_next;
    int relooks;                           /* probes sent because the last answer was slow */
};

/* keystone.c */
bool ostk_token_ready(struct ostk_source *os, struct err *err);   /* false, err OK: on its way (ostk_kick follows) */
void ostk_token_renew(struct ostk_source *os);         /* a probe was refused its token: a new one, even for a young one, not time and again */
void ostk_token_invalid(struct ostk_source *os, unsigned gen);    /* a service said 401 to the token of that gen */
void ostk_keystone_retry(struct ostk_source *os);                 /* the user asks: forget the back-off */
void ostk_keystone_cancel(struct ostk_source *os);
/* client.c */
void ostk_kick(struct ostk_source *os);                           /* look at all waiting calls soon */
void ostk_client_cancel(struct ostk_source *os);
char *ostk_url(struct ostk_source *os, int svc, const char *path, bool root);
/* "OpenStack-API-Version: ..." lines into h (size lines of 96), returns how many. */
int ostk_micro_headers(char (*h)[96], const char *canonical, const char *version);
/* poll.c */
void ostk_poll_names(struct ostk_source *os);                     /* names arrived */
void ostk_poll_stir(struct ostk_source *os, const char *kind);    /* something elsewhere moved it: asked soon, but not all the time */
void ostk_poll_told(struct ostk_source *os, int svc);                     /* services[svc].err: what has no rows yet says so as well */
void ostk_poll_wake(struct ostk_source *os, bool failed_only);    /* the cloud answers again; the user is back */
/* "project demo only: ...": why a list of this kind holds the own project alone */
void ostk_own_note(const struct ostk_source *os, const struct ostk_kind *k, char *buf, size_t size);
/* names.c */
bool ostk_names_init(struct ostk_source *os);
void ostk_names_free(struct ostk_source *os);
void ostk_names_want(struct ostk_source *os, const char *what);   /* fetch the list of them if not done */
bool ostk_names_pending(const struct ostk_source *os);
bool ostk_names_busy(const struct ostk_source *os);               /* single look-ups under way */
void ostk_names_seed(struct ostk_source *os, const char *what, const char *id, const char *name);
/* source.c */
void ostk_state(struct ostk_source *os);                          /* recompute info, publish */
void ostk_relook(struct ostk_source *os, int64_t latency_ms);     /* an answer came that took so long */

#endif
