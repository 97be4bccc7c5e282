/* Controller revisions: the templates a stateful set or daemon set has had. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

static json_t *data_of(const json_t *owner)
{
    json_t *t = json_deep_copy(jat(owner, "spec.template"));
    json_object_del(jat(t, "metadata"), "creationTimestamp");
    json_object_set_new(t, "$patch", json_string("replace"));
    return jt("{'spec':{'template':%j}}", t);
}

static int by_revision(const void *a, const void *b)
{
    int64_t x = jint(*(json_t *const *)a, "revision"), y = jint(*(json_t *const *)b, "revision");
    return x < y ? -1 : x > y;
}

static json_t **revisions(struct sim *s, const json_t *owner, size_t *n)
{
    struct ctl_item **own = ctl_owned(s, jstr(owner, "metadata.uid"), K_REVISION, n);
    json_t **out = sim_alloc((*n + 1) * sizeof(*out));
    for (size_t i = 0; i < *n; i++)
        out[i] = obj_doc(own[i]->o);
    qsort(out, *n, sizeof(*out), by_revision);
    free(own);
    return out;
}

static void release(json_t **all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        json_decref(all[i]);
    free(all);
}

static json_t *new_revision(struct sim *s, const json_t *owner, const char *kind, json_t *data, int64_t number)
{
    char hash[11], at[32];
    bool set = strcmp(kind, "StatefulSet") == 0;
    json_t *labels = json_deep_copy(jat(owner, "spec.template.metadata.labels")), *notes = json_deep_copy(jat(owner, "metadata.annotations"));
    ctl_hash(data, hash);
    char *name = sim_printf("%s-%s", jstr(owner, "metadata.name"), hash);
    labels = labels ? labels : json_object();
    json_object_set_new(labels, set ? "controller.kubernetes.io/hash" : "controller-revision-hash", json_string(hash));
    json_t *r = jt("{'kind':'ControllerRevision','apiVersion':'apps/v1','metadata':{'name':%s,'namespace':%s,'creationTimestamp':%s,'labels':%j,"
                   "'ownerReferences':%j},'data':%j,'revision':%l}", name, jstr(owner, "metadata.namespace"), ctl_since(s, owner, at), labels,
                   ctl_owner_refs(owner, kind), data, number);
    if (json_object_size(notes))
        jset(r, "metadata.annotations", json_incref(notes));
    json_decref(notes);
    free(name);
    return r;
}

int64_t ctl_revision(struct sim *s, const json_t *owner, const char *kind, char *name, char hash[11])
{
    size_t n, prefix = strlen(jstr(owner, "metadata.name")) + 1;
    json_t **all = revisions(s, owner, &n), *data = data_of(owner), *found = NULL;
    int64_t max = n ? jint(all[n - 1], "revision") : 0, number;
    for (size_t i = n; i-- > 0 && !found;)
        if (json_equal(jat(all[i], "data"), data))
            found = json_incref(all[i]);
    if (found && jint(found, "revision") != max) {             /* it comes back: the newest again */
        json_object_set_new(found, "revision", json_integer(++max));
        ctl_put(s, K_REVISION, json_incref(found));
    } else if (!found) {
        found = new_revision(s, owner, kind, json_incref(data), max + 1);
        ctl_put(s, K_REVISION, json_incref(found));
    }
    number = jint(found, "revision");
    snprintf(name, 256, "%s", jstr(found, "metadata.name"));
    snprintf(hash, 11, "%s", strlen(name) > prefix ? name + prefix : "");
    json_decref(found);
    json_decref(data);
    release(all, n);
    return number;
}

json_t *ctl_revision_template(struct sim *s, const char *ns, const char *name)
{
    json_t *d = ctl_doc(s, K_REVISION, ns, name), *t = json_deep_copy(jat(d, "data.spec.template"));
    json_object_del(t, "$patch");
    json_decref(d);
    return t;
}

void ctl_revision_trim(struct sim *s, const json_t *owner, const char *current, const char *update)
{
    size_t n;
    json_t **all = revisions(s, owner, &n);
    int64_t keep = jat(owner, "spec.revisionHistoryLimit") ? jint(owner, "spec.revisionHistoryLimit") : 10, old = 0;
    for (size_t i = 0; i < n; i++)
        old += strcmp(jstr(all[i], "metadata.name"), current) != 0 && strcmp(jstr(all[i], "metadata.name"), update) != 0;
    for (size_t i = 0; i < n && old > keep; i++) {
        const char *name = jstr(all[i], "metadata.name");
        if (strcmp(name, current) == 0 || strcmp(name, update) == 0)
            continue;
        store_delete(s, ctl_res(s, K_REVISION), jstr(all[i], "metadata.namespace"), name);
        old--;
    }
    release(all, n);
}
