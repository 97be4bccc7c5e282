/*
 * Purpose:   the inside of the simulated Kubernetes API: what its files share, and what controllers may use of it.
 * Thread:    the one of the demo cloud.
 * Ownership: json_t marked "taken" is; everything else is borrowed.
 * Errors:    a function that takes a struct req answers the request itself; bool false = it did so with an error.
 * Units:     seconds where the API says seconds, else ms.
 */
#ifndef STRATA_SIM_KUBE_SIM_H
#define STRATA_SIM_KUBE_SIM_H

#include <stdio.h>

#include "core/sim/sim.h"

/* ---- kube_kinds.c ---- */
enum {                                                         /* struct res .flags */
    KIND_NAMESPACED = 1, KIND_GENERATION = 2,                  /* metadata.generation counts changes of the spec */
    KIND_CREATE_ONLY = 4,                                      /* reviews and bindings: nothing is stored */
    KIND_NO_COLLECTION = 8, KIND_CUSTOM = 16, KIND_COMPUTED = 32, KIND_VIEW = 64,     /* view: another version of a resource, nothing is kept in it */
};
bool kube_has_sub(const struct res *r, const char *sub);
const char *kube_api_version(const struct res *r, char buf[128]);
json_t *kube_verbs(const struct res *r);
/* ---- kube_api.c ---- */
struct target { struct res *res; const char *ns, *name, *sub; };              /* of a request; NULL where the path has none */
void kube_not_found(struct req *r, const struct res *res, const char *name);
json_t *kube_details(const struct res *res, const char *name);
/* ---- kube_openapi.c ---- */
void kube_openapi(struct req *r);                              /* /openapi/... */

/* ---- kube_access.c: RBAC over the roles and bindings in the store ---- */
struct ask { const char *verb, *group, *resource, *sub, *ns, *name; };          /* NULL where there is none */
bool kube_may(struct sim *s, const struct user *u, const struct ask *a);
bool kube_may_path(struct sim *s, const struct user *u, const char *verb, const char *path);
void kube_forbidden(struct req *r, const struct ask *a);
bool kube_review(struct req *r, const struct res *res, const char *ns);        /* POST of a review */

/* ---- kube_boot.c ---- */
void kube_boot(struct sim *s);                                 /* roles, API services: what is there before anybody creates anything */

/* ---- kube_crd.c: definitions made at run time; of other resources nothing happens ---- */
void kube_crd_made(struct sim *s, struct res *res, const json_t *doc);
void kube_crd_gone(struct sim *s, const struct res *res, const json_t *doc);

/* ---- kube_select.c ---- */
struct select { const char *ns, *labels, *fields, *name; };    /* ns "" = all; others NULL = any */
bool kube_chosen(const struct select *q, const struct obj *o, char *fault, size_t size);
bool kube_understood(struct res *res, const char *labels, const char *fields, char *fault, size_t size);   /* whatever there is */
bool kube_selector_matches(const json_t *label_selector, const json_t *labels);

/* ---- kube_list.c ---- */
const char *kube_rv_text(uint64_t rv, char buf[24]);
bool kube_wants_partial(const struct req *r);
bool kube_rv_known(struct req *r, const char *rv);             /* false: newer than what there is */

/* ---- kube_valid.c ---- */
struct causes { json_t *list; };
void causes_init(struct causes *c);
void cause(struct causes *c, const char *reason, const char *field, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void causes_reply(struct causes *c, struct req *r, const char *group, const char *kind, const char *name);   /* 422; releases c */
bool kube_valid(struct req *r, const struct res *res, const char *sub, const json_t *doc, const json_t *old);
/* ---- kube_valid_pod.c, kube_valid_hpa.c, kube_valid_work.c, kube_valid_more.c; old NULL: a new one ---- */
#define KUBE_DNS_LABEL "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character " \
              "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
bool kube_dns_label(const char *s);
void kube_valid_service(struct causes *c, const json_t *doc, const json_t *old);
void kube_valid_job(struct causes *c, const json_t *doc, const json_t *old);
void kube_valid_cronjob(struct causes *c, const json_t *doc);
void kube_valid_claim(struct causes *c, const json_t *doc, const json_t *old);
void kube_valid_config(struct causes *c, const json_t *doc, const json_t *old);
void kube_valid_priority(struct causes *c, const json_t *doc, const json_t *old);
void kube_valid_budget(struct causes *c, const json_t *doc);
void kube_valid_deployment(struct causes *c, const json_t *doc);
void kube_valid_stateful(struct causes *c, const json_t *doc, const json_t *old);      /* old NULL: a new one */
void kube_valid_pod_spec(struct causes *c, const json_t *spec, const char *at);
void kube_valid_pod_change(struct causes *c, const json_t *doc, const json_t *old, bool ephemeral);
bool kube_admit_pod(struct req *r, const char *ns, const json_t *doc);         /* false: answered with 403 */
void kube_valid_autoscaler(struct causes *c, const json_t *doc);

/* ---- kube_shape.c ---- */
struct shape_fault { char text[300], patch_text[200]; };
bool kube_shape(json_t *doc, const struct res *res, struct shape_fault *f);    /* false: a field has the wrong type */

/* ---- kube_fields.c ---- */
bool kube_typed_fields(json_t *doc, const struct res *res, struct shape_fault *f);    /* false: a field has the wrong type */
bool kube_known_fields(struct req *r, const struct res *res, json_t *doc);     /* drops unknown ones; false: refused with 400 */
bool kube_declared_fields(struct req *r, const struct target *t, const json_t *config);

/* ---- kube_view.c: second versions ---- */
struct res *kube_view_kept(struct sim *s, const struct res *res);              /* where its objects are */
void kube_view_out(const struct res *view, json_t *doc);                       /* view NULL: nothing happens */
void kube_view_in(const struct res *view, json_t *doc);
void kube_reply_object(struct req *r, int status, const struct obj *o);

/* ---- kube_default.c ---- */
/* Fills in what the writer left out; old NULL: a new object, admission included. Controllers may call it for what they create. */
void kube_default(struct sim *s, const struct res *res, json_t *doc, const json_t *old);

/* ---- kube_write.c ---- */
json_t *kube_in_front(json_t *doc);                              /* kind, apiVersion and metadata come first; takes doc over */
bool kube_dry(struct req *r, const json_t *options, const char *kind, bool *dry);
json_t *kube_read_body(struct req *r, json_error_t *e);         /* JSON or protobuf; NULL: neither */
json_t *kube_body(struct req *r, const struct res *res, const char *kind);    /* kind NULL: the resource's, set in the document */
void kube_create(struct req *r, const struct target *t);
void kube_create_doc(struct req *r, const struct target *t, json_t *doc);      /* doc taken */
void kube_update(struct req *r, const struct target *t, struct obj *o);
void kube_put(struct req *r, const struct target *t, const struct obj *o, json_t *now, bool dry);   /* now taken */
json_t *kube_apply_patch(struct req *r, const struct res *res, const json_t *doc);
void kube_patch(struct req *r, const struct target *t, struct obj *o);         /* o NULL: not there */
void kube_conflict(struct req *r, const struct target *t);

/* ---- kube_apply.c, kube_delete.c, kube_subs.c, kube_metrics.c ---- */
void kube_apply(struct req *r, const struct target *t, struct obj *o);
bool kube_preconditions(struct req *r, const struct res *res, const struct obj *o, const json_t *options);
void kube_delete(struct req *r, const struct target *t, struct obj *o);
void kube_delete_all(struct req *r, const struct target *t);
void kube_finalize(struct req *r, const struct target *t, struct obj *o);
void kube_scale_get(struct req *r, const struct target *t, struct obj *o);
void kube_scale_set(struct req *r, const struct target *t, struct obj *o);
void kube_bind(struct req *r, const struct target *t, struct obj *o);
void kube_token(struct req *r, const struct target *t, struct obj *o);
void kube_evict(struct req *r, const struct target *t, struct obj *o);
void kube_metrics(struct req *r, const struct target *t);
int64_t kube_usage(struct sim *s, const struct obj *pod, const json_t *doc, const char *container, bool cpu);   /* thousandths of a core, of a byte */

/* ---- kube_table.c ---- */
enum include { INCLUDE_NONE, INCLUDE_METADATA, INCLUDE_OBJECT };
enum include kube_include(const struct req *r);
json_t *kube_table_row(struct sim *s, const struct obj *o, enum include include);
const char *kube_custom_path(const struct res *r, size_t column);             /* of a custom resource, without its name */
void kube_age(char *out, size_t size, int64_t ms);             /* kubectl's short durations */

/* ---- kube_rows.c: what is sent of an object ---- */
struct form { bool table, partial; enum include include; const struct res *view; };
struct form kube_form(const struct req *r);
void kube_item_text(struct sim *s, struct obj *o, const struct form *f, struct str *out);
void kube_row_text(struct sim *s, struct obj *o, enum include include, struct str *out);
void kube_partial_text(const struct obj *o, struct str *out);

#endif
