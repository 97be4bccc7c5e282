/* Deletes: preconditions, propagation, finalizers, collections, the end of a namespace. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_sim.h"

struct options { json_t *doc; bool dry; int64_t grace_s; const char *propagation; };

static bool known_propagation(struct req *r, const char *p)
{
    static const char *const ok[] = {"Foreground", "Background", "Orphan"};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(p, ok[i]) == 0)
            return true;
    struct causes c;
    causes_init(&c);
    cause(&c, "FieldValueNotSupported", "propagationPolicy",
          "Unsupported value: \"%s\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"", p);
    causes_reply(&c, r, "meta.k8s.io", "DeleteOptions", "");
    return false;
}

static bool read_options(struct req *r, struct options *o)
{
    const char *grace = req_query(r, "gracePeriodSeconds"), *how = req_query(r, "propagationPolicy");
    json_error_t e;
    *o = (struct options){.doc = r->blen ? kube_read_body(r, &e) : json_object(), .grace_s = -1};
    if (!o->doc) {
        kube_status(r, 400, "BadRequest", NULL, "couldn't get version/kind; json parse error: %s", e.text);
        return false;
    }
    if (json_is_integer(jat(o->doc, "gracePeriodSeconds")))
        o->grace_s = jint(o->doc, "gracePeriodSeconds");
    else if (grace)
        o->grace_s = atoll(grace);
    o->propagation = *jstr(o->doc, "propagationPolicy") ? jstr(o->doc, "propagationPolicy") : how;
    if (!o->propagation && json_is_true(jat(o->doc, "orphanDependents")))
        o->propagation = "Orphan";
    if ((o->propagation && !known_propagation(r, o->propagation)) || !kube_dry(r, o->doc, "DeleteOptions", &o->dry)) {
        json_decref(o->doc);
        return false;
    }
    return true;
}

bool kube_preconditions(struct req *r, const struct res *res, const struct obj *o, const json_t *options)
{
    const char *uid = jstr(options, "preconditions.uid"), *rv = jstr(options, "preconditions.resourceVersion");
    bool by_uid = *uid && strcmp(uid, o->uid) != 0;
    char have[24];
    if (!by_uid && (!*rv || strtoull(rv, NULL, 10) == o->rv))
        return true;
    json_t *d = kube_details(res, o->name);
    json_object_set_new(d, "kind", json_string(res->kind));
    const char *dot = *res->group ? "." : "";
    if (by_uid)
        kube_status(r, 409, "Conflict", d, "Operation cannot be fulfilled on %s%s%s \"%s\": the UID in the precondition (%s) does not match the UID in record "
                    "(%s). The object might have been deleted and then recreated", res->kind, dot, res->group, o->name, uid, o->uid);
    else
        kube_status(r, 409, "Conflict", d, "Operation cannot be fulfilled on %s%s%s \"%s\": the ResourceVersion in the precondition (%s) does not match the "
                    "ResourceVersion in record (%s). The object might have been modified", res->kind, dot, res->group, o->name, rv,
                    kube_rv_text(o->rv, have));
    return false;
}

static void reply_status(struct req *r, const struct res *res, const struct obj *o)
{
    json_t *d = kube_details(res, o->name);
    json_object_set_new(d, "uid", json_string(o->uid));
    reply_json(r, 200, jt("{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Success','details':%j}", d));
}

static bool add_finalizer(json_t *doc, const char *name)
{
    json_t *all = jat(doc, "metadata.finalizers");
    if (!all) {
        jset(doc, "metadata.finalizers", json_array());
        all = jat(doc, "metadata.finalizers");
    }
    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(json_string_value(json_array_get(all, i)), name) == 0)
            return false;
    json_array_append_new(all, json_string(name));
    return true;
}

/* Some kinds answer with the object that went, most with a Status. */
static bool answers_object(const struct res *res)
{
    static const char *const kinds[] = {"pods", "services", "serviceaccounts", "persistentvolumes", "persistentvolumeclaims", "podtemplates", "resourcequotas",
                                        "storageclasses", "volumeattachments", "csidrivers", "csinodes", "namespaces"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i], res->plural) == 0)
            return true;
    return false;
}

/* The document after the delete began: waiting for finalizers; NULL when nothing keeps it. A new reference. */
static json_t *waiting(struct sim *s, const struct res *res, const struct obj *o, const char *propagation)
{
    json_t *d = obj_doc(o);
    bool ns = strcmp(res->plural, "namespaces") == 0, first = !jat(d, "metadata.deletionTimestamp");
    char at[32];
    if (propagation && strcmp(propagation, "Foreground") == 0)
        add_finalizer(d, "foregroundDeletion");
    if (propagation && strcmp(propagation, "Orphan") == 0)
        add_finalizer(d, "orphan");
    if (!json_array_size(jat(d, "metadata.finalizers")) && !(ns && json_array_size(jat(d, "spec.finalizers")))) {
        json_decref(d);
        return NULL;
    }
    if (first) {
        jset(d, "metadata.deletionTimestamp", json_string(stamp(sim_now(s), at)));
        if (ns)
            jset(d, "status.phase", json_string("Terminating"));
        else
            jset(d, "metadata.deletionGracePeriodSeconds", json_integer(0));
        if (jint(d, "metadata.generation"))
            jset(d, "metadata.generation", json_integer(jint(d, "metadata.generation") + 1));
    }
    return d;
}

/* Deletes and gives what is to be answered: the object as it is now, NULL when it is gone. A new reference. */
static json_t *delete_object(struct sim *s, struct res *res, struct obj *o, const struct options *opt)
{
    json_t *d;
    if (strcmp(res->plural, "pods") == 0) {
        if (!opt->dry)
            ctl_delete_pod(s, o, opt->grace_s);
        struct obj *now = store_get(res, o->ns, o->name);
        return obj_doc(now && strcmp(now->uid, o->uid) == 0 ? now : o);
    }
    d = waiting(s, res, o, opt->propagation);
    if (opt->dry)
        return d;
    if (!d) {
        kube_crd_gone(s, res, obj_read(o));
        store_delete(s, res, o->ns, o->name);
    } else {
        json_t *old = obj_doc(o);
        if (!json_equal(old, d)) {
            struct obj *now = store_put(s, res, d);
            d = obj_doc(now);
        }
        json_decref(old);
    }
    return d;
}

void kube_delete(struct req *r, const struct target *t, struct obj *o)
{
    static const char *const immortal[] = {"default", "kube-public", "kube-system"};
    struct options opt;
    for (size_t i = 0; strcmp(t->res->plural, "namespaces") == 0 && i < sizeof(immortal) / sizeof(immortal[0]); i++)
        if (strcmp(o->name, immortal[i]) == 0) {
            kube_status(r, 403, "Forbidden", kube_details(t->res, o->name), "namespaces \"%s\" is forbidden: this namespace may not be deleted", o->name);
            return;
        }
    if (!read_options(r, &opt))
        return;
    if (kube_preconditions(r, t->res, o, opt.doc)) {
        if (!opt.propagation && strcmp(t->res->plural, "jobs") == 0) {
            opt.propagation = "Orphan";
            req_head(r, "Warning", "299 - \"child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove "
                     "them or set propagationPolicy=Orphan to suppress this warning\"");
        }
        json_t *left = delete_object(r->sim, t->res, o, &opt);
        if (left)
            reply_json(r, 200, left);
        else if (answers_object(t->res))
            kube_reply_object(r, 200, o);
        else
            reply_status(r, t->res, o);
    }
    json_decref(opt.doc);
}

void kube_delete_all(struct req *r, const struct target *t)
{
    struct options opt;
    if (!read_options(r, &opt))
        return;
    char fault[600] = "", gv[128], rv[24];
    const char *ns = t->ns ? t->ns : "";
    struct select q = {ns, req_query(r, "labelSelector"), req_query(r, "fieldSelector"), NULL};
    struct obj **found = sim_alloc((t->res->n + 1) * sizeof(*found));
    size_t n = 0;
    for (size_t i = store_from(t->res, ns, "", false); i < t->res->n && !*fault; i++)
        if (kube_chosen(&q, t->res->items[i], fault, sizeof(fault)))
            found[n++] = obj_ref(t->res->items[i]);
    json_t *items = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *left = *fault ? NULL : delete_object(r->sim, t->res, found[i], &opt);
        json_array_append_new(items, left ? left : obj_doc(found[i]));
        obj_unref(found[i]);
    }
    free(found);
    if (*fault)
        kube_status(r, 400, "BadRequest", NULL, "%s", fault);
    else {
        char *kind = sim_printf("%sList", t->res->kind);
        reply_json(r, 200, jt("{'kind':%s,'apiVersion':%s,'metadata':{'resourceVersion':%s},'items':%j}", kind, kube_api_version(t->res, gv),
                              kube_rv_text(r->sim->rv, rv), json_incref(items)));
        free(kind);
    }
    json_decref(items);
    json_decref(opt.doc);
}

/* PUT namespaces/NS/finalize: the one way to change spec.finalizers of a namespace. */
void kube_finalize(struct req *r, const struct target *t, struct obj *o)
{
    json_t *in = kube_body(r, t->res, NULL), *d;
    if (!in)
        return;
    d = obj_doc(o);
    jset(d, "spec.finalizers", json_incref(jat(in, "spec.finalizers") ? jat(in, "spec.finalizers") : json_array()));
    if (!json_array_size(jat(d, "spec.finalizers")) && jat(d, "metadata.deletionTimestamp"))
        store_delete(r->sim, t->res, "", o->name);
    else
        store_put(r->sim, t->res, json_incref(d));
    reply_json(r, 200, d);
    json_decref(in);
}
