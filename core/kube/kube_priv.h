/*
 * Purpose:   shared by source.c, auth.c, exec.c, client.c, feed.c, discovery.c, metrics.c, ticker.c; not for others.
 * Thread:    net thread, except where "worker" is said.
 * Ownership: kube_source owns all that hangs on it; freed by kube_source's free, which core calls last.
 * Errors:    as in kube.h.
 * Units:     ms.
 */
#ifndef STRATA_KUBE_PRIV_H
#define STRATA_KUBE_PRIV_H

#include "core/kube/kube.h"
#include "strata/kubeconfig.h"
#include "strata/map.h"

#define KUBE_REFUSED_MS 60000      /* 403, 404: rights and CRDs come and go, slowly */
#define KUBE_USER_AGENT "strata/1 (kubernetes)"

/* ---- conf.c: the source's own copy of what the kubeconfig says ---- */
struct kube_conf {                     /* counted, on the net thread only: a plugin run may outlive its source */
    unsigned refs;
    char *context, *ns;
    struct kube_cluster cluster;
    struct kube_user user;
    bool open_line;                    /* http://: the user's credentials stay here */
};
/* NULL: out of memory. err set: unknown context, missing cluster, ...: one sentence that says what to do. */
struct kube_conf *kube_conf_new(const struct kubeconfig *kc, const char *context, struct err *err);
struct kube_conf *kube_conf_ref(struct kube_conf *c);
void kube_conf_unref(struct kube_conf *c);

bool kube_read_file(const char *path, struct str *out);   /* small local files: certificates, tokens */

/* ---- x509.c: when does a PEM certificate end; when does a JWT end ---- */
bool kube_cert_expiry(const char *pem, size_t len, int64_t *ms);
bool kube_jwt_expiry(const char *token, int64_t *ms);

/* ---- exec.c ---- */
struct kube_cred {                     /* what a plugin gave */
    char *token, *cert, *key;          /* PEM */
    int64_t expires_ms;                /* wall; 0 = none said */
};
void kube_cred_release(struct kube_cred *c);
/* Reads an ExecCredential reply. Never puts any of it into err. */
enum err_code kube_cred_parse(struct kube_cred *out, const char *text, size_t len, const char *api_version,
                              const char *command, struct err *err);
/* Runs the plugin on a worker; done once on the net thread, unless cancelled. cred is moved out by done. */
struct kube_exec_run;
struct kube_exec_run *kube_exec_start(struct net *n, struct kube_conf *conf,
                                      void (*done)(void *arg, struct kube_cred *cred, const struct err *err), void *arg,
                                      struct err *err);
void kube_exec_cancel(struct kube_exec_run *r);    /* kills it; no callback any more */
/* worker: one run from start to end; cancel_fd readable = kill. Open for tests. */
enum err_code kube_exec_now(const struct kube_conf *conf, int cancel_fd, int timeout_ms, struct kube_cred *out,
                            struct err *err);

/* ---- auth.c ---- */
struct kube_site {                     /* a TLS identity; old ones live until their last call ends */
    struct kube_site *next;
    struct net_site *net;              /* HTTP/2: watches, small requests */
    struct net_site *bulk;             /* HTTP/1.1: whole lists, a connection each, so that nothing waits behind them */
    unsigned calls;
    bool retired;
};
struct kube_auth {
    enum kube_auth_type { AUTH_NONE, AUTH_CERT, AUTH_TOKEN, AUTH_TOKEN_FILE, AUTH_BASIC, AUTH_EXEC } type;
    struct kube_site *site;            /* current */
    char *bearer;                      /* current token or NULL */
    unsigned generation;               /* grows with each new credential */
    int64_t read_mono_ms;              /* token file read at */
    bool have;                         /* exec: a credential is there (maybe a certificate only) */
    int64_t expires_ms;                /* wall, of the exec credential; 0 never */
    char *exec_cert, *exec_key;
    struct kube_exec_run *run;
    struct err last_err;               /* exec: last failure, given to callers until retry_mono_ms */
    int64_t retry_mono_ms;
    struct net_backoff backoff;
    unsigned refused;                  /* 401 in a row */
};
struct kube_source;
bool kube_auth_init(struct kube_source *ks, struct err *err);
void kube_auth_release(struct kube_source *ks);
/* READY: send now. WAIT: kube_calls_resume() comes later. FAILED: err says why. */
enum kube_auth_state { AUTH_READY, AUTH_WAIT, AUTH_FAILED };
enum kube_auth_state kube_auth_get(struct kube_source *ks, struct err *err);
/* After a 401 for a request sent with this generation: true when trying again may help. */
bool kube_auth_refused(struct kube_source *ks, unsigned generation);
void kube_auth_accepted(struct kube_source *ks);
int64_t kube_auth_expires(const struct kube_source *ks);    /* certificate or JWT from the kubeconfig; 0 unknown */
void kube_auth_waits(const struct kube_source *ks, struct err *err);        /* for the plugin that runs */
/* What a 401 means for this user, in one sentence. */
void kube_auth_explain(const struct kube_source *ks, struct err *err);
struct kube_site *kube_site_get(struct kube_source *ks, struct err *err);   /* counted; current */
void kube_site_put(struct kube_source *ks, struct kube_site *s);

/* ---- client.c ---- */
struct kube_call *kube_send_bulk(struct kube_source *ks, const struct kube_req *rq, struct err *err); /* whole lists */
void kube_calls_resume(struct kube_source *ks, const struct err *err);      /* credentials arrived, or failed */
void kube_calls_cancel_all(struct kube_source *ks);

/* ---- discovery.c ---- */
struct kube_resource {                 /* one resource of one version, as a kind without columns */
    struct kube_resource *next;
    struct kind kind;
    struct kube_kind kube;
    char *id, *singular, *title, *help, *group, *version, *resource, *object_kind;
    char **short_names;                /* NULL-terminated, also the kind's aliases */
    bool listable, watchable;
};
#define KIND_DISCOVERED (1u << 30)     /* kind flag: kind.kube lies in a kube_resource */
struct kube_discovery;
void kube_discovery_free(struct kube_discovery *d);
/* Fills err. First to last in the server's order. Exposed for tests and the fuzzer. */
struct kube_resources { struct kube_resource *head, **tail; bool partial; };
void kube_resources_init(struct kube_resources *r);
void kube_resources_release(struct kube_resources *r);
enum err_code kube_resources_parse_aggregated(struct kube_resources *r, const char *text, size_t len, struct err *err);
enum err_code kube_resources_parse_legacy(struct kube_resources *r, const char *text, size_t len, struct err *err);
void kube_resources_name(struct kube_resources *r);       /* gives every resource its shortest unambiguous id */
const struct kube_resource *kube_resources_find(const struct kube_resources *r, const char *name);
bool kube_kind_may(const struct kind *k, bool *listable, bool *watchable);  /* false: built-in, both true */

/* ---- feed.c ---- */
enum kfeed_phase { KF_RESOLVE, KF_LIST, KF_WATCH, KF_WAIT, KF_POLL };
struct kfeed;
struct kube_codec {                    /* how bytes become rows */
    const char *(*accept)(const struct kfeed *kf);
    bool (*begin)(struct kfeed *kf, const struct net_head *head, bool watch);   /* a 200 reply starts */
    bool (*data)(struct kfeed *kf, const char *data, size_t len);               /* false: stop, kf->fault says why */
    bool (*end)(struct kfeed *kf);     /* list page (kf->one: object) complete: sets rv and cont; false: kf->fault */
    void (*reset)(struct kfeed *kf);   /* drop parser state */
    int next_page;                     /* objects per page after the first; 0: all the rest in one streamed reply */
};
extern const struct kube_codec kube_schema_codec, kube_table_codec, kube_json_codec;

struct kfeed {
    struct kfeed *next;
    struct kube_source *ks;
    struct feed *f;
    const struct kind *kind;           /* as resolved: names and paths */
    const struct kube_codec *codec;
    enum kfeed_phase phase;
    struct kube_call *call;
    struct net_timer *timer;           /* of KF_WAIT and KF_POLL */
    struct net_backoff backoff;
    char *rv, *cont;
    char *list_rv;                     /* of the list under way: becomes rv when it is complete */
    char *ns;                          /* effective: "" = all */
    struct err fault;                  /* why the codec stopped the stream */
    struct err refused;                /* all namespaces were: why we look at one */
    bool synced;                       /* complete once */
    bool syncing;                      /* between store_sync_begin and _end */
    bool inexact;                      /* the rest of the list came from a newer revision */
    bool whole;                        /* the page under way is the whole list from the server's cache */
    bool no_whole;                     /* the server does not take that */
    bool touched;                      /* rows changed since the last feed_changed */
    bool lost;                         /* marked stale because the source is */
    bool no_watch;                     /* polled */
    bool one;                          /* the object is got by its name: no list at all */
    bool kick;                         /* waits for the link, not for rights: retry at once when it is back */
    bool stopping;
    unsigned gone;                     /* 410 in a row */
    unsigned waits;                    /* first list: so often did the server ask for patience */
    unsigned pages;
    int64_t started_mono_ms;           /* of the watch */
    bool heard;                        /* the watch brought something, were it a bookmark */
    bool bookmarks;                    /* its watches brought them: one that brings none is dead */
    unsigned silent;                   /* watches in a row that brought nothing */
    unsigned mute;                     /* lists to come before a watch is tried again, for they bring nothing */
    bool distrust;                     /* no watch has brought anything since */
    uint64_t resolve_id;
    struct kube_metrics *metrics;
    /* codecs */
    struct wire_stream *ws;
    struct str buf;
    struct kube_columns *columns;
};
void kfeed_lost(struct kube_source *ks, const struct err *err);  /* the link is down: live feeds become stale */
void kfeed_found(struct kube_source *ks);                        /* it is back */
bool kfeed_streaming(const struct kube_source *ks);              /* a watch is open */
/* feed.c for feed_open.c */
void kfeed_list_start(struct kfeed *kf);
void kfeed_cancel_timer(struct kfeed *kf);
void kfeed_drop_call(struct kfeed *kf);
void kfeed_trouble(struct kfeed *kf, const struct err *why, int64_t retry_after_ms);   /* stale or failed; tried again later */
void kfeed_set_rv(struct kfeed *kf, const char *rv);
void kfeed_set_list_rv(struct kfeed *kf, const char *rv);
bool kfeed_set_text(char **slot, const char *text, size_t len);
/* A Status from the stream: sets kf->fault. */
void kfeed_status_fault(struct kfeed *kf, int code, const char *json, size_t len);

/* tablewatch.c: parsers, exposed for tests and the fuzzer */
struct kube_columns;
void kube_columns_free_all(struct kube_columns *c);
bool kube_parse_age(const char *s, int64_t *seconds);            /* kubectl's HumanDuration back to seconds */
/* A date printed as an age, as the time of a cell that reads the same and never less while it ticks. old_ms: what the cell
 * held, kept while it reads so (CELL_NONE: none). CELL_NONE for what is neither age nor date. */
int64_t kube_age_cell(const char *s, int64_t now_ms, int64_t old_ms);
enum health kube_word_health(const char *title, const char *word);

/* ---- facts.c ---- */
/* Further columns of a discovered kind, for the links: how many; out may be NULL. */
size_t kube_facts_columns(const struct kind *k, struct column *out);
bool kube_facts_whole(const struct kind *k);                     /* they need the whole object */
void kube_facts_fill(struct rowbuf *rb, const struct kind *k, size_t first, const struct json_t *object);

/* ---- jsonwatch.c ---- */
void kube_tap_link(struct kfeed *kf, enum kube_tap_link link, const struct err *err);   /* nothing when it is no tap */
const char *kube_tap_query(const struct kfeed *kf);              /* NULL when there is none */

/* ---- metrics.c ---- */
struct kube_metrics;
void kube_metrics_open(struct kfeed *kf);                        /* when the feed is complete; again is fine */
void kube_metrics_close(struct kfeed *kf);

/* ---- ticker.c ---- */
struct kube_ticker;
void kube_ticker_start(struct kube_source *ks);
void kube_ticker_stop(struct kube_source *ks);
bool kube_ticker_streaming(const struct kube_source *ks);
void kube_ticker_found(struct kube_source *ks);

/* ---- source.c ---- */
struct kube_source {
    struct source src;                 /* first */
    struct kube_conf *conf;
    struct err conf_err;               /* config that cannot work: never started */
    struct kube_auth auth;
    struct kube_site *sites;
    struct kube_call *calls;
    struct kube_discovery *discovery;
    struct kfeed *feeds;
    struct kube_columns *columns;      /* kinds with the server's columns, kept */
    struct kube_ticker *ticker;
    struct kube_call *probe;
    struct net_timer *probe_timer, *slow_timer;
    int relooks;                       /* probes sent because the last answer was slow */
    bool relook;
    struct net_backoff probe_backoff;
    int64_t last_sign_mono_ms;         /* last byte from the server */
    int64_t wait_until_mono_ms;        /* it asked for patience */
    bool ever_ok, idle, have_version, metrics_absent;
    int64_t metrics_asked_mono_ms;
    uint64_t next_id;
};
/* Every answer and every byte passes here. */
void kube_sign_of_life(struct kube_source *ks);
void kube_call_ended(struct kube_source *ks, const struct net_reply *reply);
/* The server asked to wait: said while it lasts. */
void kube_asked_to_wait(struct kube_source *ks, int status, int64_t ms);

#endif
