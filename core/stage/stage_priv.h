/*
 * Purpose:   what the files of core/stage share.
 * Thread:    net thread, except the probes' own threads (probe.h) and the pure files (plan, milestone, numbers, skew, verdict,
 *            export: any).
 * Ownership: struct stage owns everything reachable from it; snapshots are counted boxes with one arena each.
 */
#ifndef STRATA_STAGE_PRIV_H
#define STRATA_STAGE_PRIV_H

#include <jansson.h>

#include "core/core_priv.h"
#include "strata/stage.h"

/* ---- snap.c: counted, immutable boxes ---- */
struct stage_run_box;
struct stage_run_box *stage_run_box_new(void);                       /* refs 1; NULL: out of memory */
struct stage_run *stage_run_box_run(struct stage_run_box *b);        /* to be filled before it is shared */
struct arena *stage_run_box_arena(struct stage_run_box *b);
struct stage_run_box *stage_run_box_ref(struct stage_run_box *b);
void stage_run_box_unref(struct stage_run_box *b);
struct stage_snap *stage_snap_new(void);
struct arena *stage_snap_arena(struct stage_snap *s);
bool stage_snap_set_runs(struct stage_snap *s, struct stage_run_box *const *runs, size_t n);   /* takes references */

/* ---- plan.c: pure ---- */
#define PLAN_FACTS 28
#define PLAN_CLAIMS 8
struct plan_in {                       /* documents as the server sent them; NULL = not read (why: *_err, "" = not asked) */
    const json_t *pod, *owner, *top;   /* top: the Deployment of a ReplicaSet */
    const json_t *pods, *budgets, *quotas, *scalers;      /* lists */
    const json_t *access;              /* SelfSubjectAccessReview of the delete */
    const json_t *claim[PLAN_CLAIMS], *volume[PLAN_CLAIMS];
    size_t nclaims;
    bool owner_gone;                   /* 404, or another uid under its name */
    const char *owner_err, *pods_err, *budgets_err;
};
enum plan_order { PLAN_AT_ONCE, PLAN_AFTER };             /* the replacement comes while the old one ends / once it is gone */
struct plan {
    struct stage_fact fact[PLAN_FACTS];
    size_t nfacts;
    bool refused;
    char ns[128], pod[128], uid[64], node[128];
    char owner_kind[64], owner_name[128], owner_uid[64], owner[160];
    enum plan_order order;
    int64_t replicas, ready, grace_s;
    char application[64], component[64];                  /* OpenStack-Helm labels, "" if none */
};
void plan_make(struct plan *p, const struct plan_in *in);
/* Marks the facts that the plan of the same pod did not have before, and adds those that hold no longer. */
void plan_changes(struct plan *p, const struct plan *before);
/* kind of the controller -> where to read it; false: a custom owner. */
bool plan_owner_kind(const char *owner_kind, const char **kind_id);
const json_t *plan_controller(const json_t *obj);         /* its controller reference, NULL if none */
/* The newest pod that is ready and stays, of a list; NULL if none. why: words for "chosen". */
const json_t *plan_choose(const json_t *pods, const char *owner_uid, const char *node);   /* node NULL, "" = any */
bool pod_condition(const json_t *pod, const char *type, const json_t **cond);   /* is True; cond may be NULL */
void stage_text(char *to, size_t size, const char *from); /* cleaned copy */
/* plane.c: a sentence about what hangs on such a pod; NULL: not known. */
const char *plane_words(const char *application, const char *component, enum stage_level *level);

/* ---- look.c: reads what a plan needs; done once, never after look_free ---- */
struct look;
struct kube_source;
struct look_target { const struct kind *kind; const char *ns, *name, *uid, *node; };   /* a pod, or a workload; uid "" = any; node: its pod there, or NULL */
struct look_result {
    struct plan plan;
    struct err err;                    /* not OK: there is no plan */
    char chosen[200];                  /* of a workload: which pod and why */
    char selector[512];                /* of the owner, "" if none: the pods to watch */
    const struct kind *workload;       /* what brings the pod back: Deployment, StatefulSet, ... NULL if nothing does */
    char workload_name[256], workload_uid[64];
};
struct look *look_start(struct kube_source *ks, const struct look_target *t, void (*done)(void *arg, const struct look_result *r), void *arg);
void look_free(struct look *l);

/* ---- stage.c ---- */
struct stage {
    struct stage *next;
    struct core *core;
    uint32_t id;
    /* asked */
    uint16_t source, cloud;
    const struct kind *kind;
    char *name, *uid, *scope, *vm;
    bool vm_wanted;                    /* named, not a server's own */
    struct strlist probes;
    int64_t timeout_us, grace_s;
    /* now */
    enum stage_phase phase;
    char title[200], status[200], refusal[320];
    struct look *look;
    struct look_result found;
    struct plan first;                 /* of the same pod, as the user read it first */
    int64_t looked_us;
    struct behind *behind;
    struct server *server;             /* server.c: the stage of a server, or a server to watch; else NULL */
    bool have_plan, go_wanted, protected_;
    bool look_next;                    /* the look under way may find another pod */
    struct err err;                    /* of the last go */
    unsigned goes;
    struct live *live;                 /* run.c: watches, probes and the run that goes on */
    struct net_timer *tick;
    bool dirty, closing;
    int64_t published_us;
    struct stage_run_box **runs;       /* done ones */
    size_t nruns, cap_runs;
};
struct kube_source *stage_kube(const struct stage *st);
void stage_dirty(struct stage *st);                      /* publish soon */
void stage_say(struct stage *st, const char *fmt, ...) __attribute__((format(printf, 2, 3)));   /* the status line */
void stage_look(struct stage *st);                       /* reads the target anew: stage_run_planned follows */
void stage_look_next(struct stage *st);                  /* the same for a pod of the workload that is there now */

void stage_refuse(struct stage *st, const char *why);

/* ---- server.c ---- */
void server_look(struct stage *st);                      /* st->kind is server: finds the pod that manages it, then stage_look */
/* The address of st->vm, which may be a server's name; "" with why, NULL: none is wanted. false: still looking. */
bool server_vm(struct stage *st, const char **address, const char **why);
bool server_is_address(const char *text);
void server_facts(const struct stage *st, struct plan *p);
void server_called(const struct stage *st, char *buf, size_t size);          /* "server web-1", or "VM data" */
const char *server_why(const struct stage *st);          /* why its traffic is watched at that address, "" */
void server_title(const struct stage *st, char *buf, size_t size);
void server_free(struct stage *st);

/* ---- behind.c: which cloud is behind the pod, by evidence; asked once, when there is a plan ---- */
struct ostk_source;
struct behind;
bool behind_known(struct stage *st);                     /* starts to look; false: not settled yet */
struct ostk_source *live_cloud(const struct stage *st);  /* NULL: none that is known and works */
struct ostk_source *behind_only(const struct stage *st); /* the one cloud there is, NULL if there are none or several */
const char *behind_note(const struct stage *st, char *buf, size_t size);     /* live_cloud NULL: why */
/* How the API of a service type at that cloud is tied to the pod, in a sentence. */
enum stage_tie behind_tie(const struct stage *st, const char *type, char *basis, size_t size);
bool behind_any(const struct stage *st);                 /* is there a cloud at all? */
bool behind_below(const struct stage *st);               /* the cluster's nodes are servers of that cloud: no pod of it is the cloud's own */
void behind_free(struct stage *st);
/* target.c: the catalog type that the pod's labels stand for; NULL: none */
const char *target_type(const struct stage *st);

/* ---- run.c ---- */
void stage_run_planned(struct stage *st);                /* st->found is there */
void stage_run_restart(struct stage *st);                /* watches and machine, for the next delete */
void stage_run_not_deleted(struct stage *st, enum err_code code, const char *why);   /* delete.c: ends a go; code OK: a dry run */
void stage_delete_tick(struct stage *st, int64_t now);   /* sends what is wanted once it may go, tells what was refused */
void stage_run_go(struct stage *st, const struct stage_go *go);
void stage_run_scale(struct stage *st, int64_t replicas, bool confirmed_name);        /* scale.c */
void stage_scale_tick(struct stage *st, int64_t now);
void stage_run_mark(struct stage *st, int64_t at_us, const char *text);
void stage_run_stop(struct stage *st);
void stage_run_tick(struct stage *st);
void stage_run_free(struct stage *st);

/* ---- picture.c ---- */
struct stage_snap *stage_picture(struct stage *st);      /* NULL: out of memory */

/* ---- words.c, verdict.c: pure; from the raw fields of a run to its numbers and words ---- */
bool run_words(struct stage_run *r, struct stage_strip *strips, struct arena *a);    /* strips: the run's own, still writable; false: memory */
enum strip_when { STRIP_BEFORE, STRIP_RUNNING, STRIP_ENDED };
void strip_words(struct stage_strip *s, enum strip_when when);
void milestone_titles(struct stage_run *r);              /* id and title of each */
void clock_words(struct stage_clock *c);
void milestone_words(struct stage_run *r);
void clocks_from_samples(struct stage_clock *c, enum stage_whose whose, const struct stage_strip *strips, size_t n);
void seconds_text(char *buf, size_t size, int64_t us);   /* "3.41 s" */

#endif
