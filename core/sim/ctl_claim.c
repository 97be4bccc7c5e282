/* A persistent volume that was made by hand for a claim is bound to it, and released when that goes; a claim whose volume goes is lost. */
#include <string.h>

#include "core/sim/ctl.h"

static void bind_to(struct sim *s, json_t *pv, json_t *claim)
{
    json_t *size = json_incref(jat(pv, "spec.capacity"));
    jset(pv, "spec.claimRef.kind", json_string("PersistentVolumeClaim"));
    jset(pv, "spec.claimRef.apiVersion", json_string("v1"));
    jset(pv, "spec.claimRef.uid", json_string(jstr(claim, "metadata.uid")));
    jset(pv, "status.phase", json_string("Bound"));
    jset(claim, "status.phase", json_string("Bound"));
    jset(claim, "status.accessModes", json_deep_copy(jat(pv, "spec.accessModes")));
    jset(claim, "status.capacity", json_deep_copy(size));
    json_decref(size);
    ctl_put(s, K_VOLUME, json_incref(pv));
    ctl_put(s, K_CLAIM, json_incref(claim));
}

static void look_at(struct sim *s, json_t *pv, json_t *claim)
{
    const char *owner = jstr(pv, "spec.claimRef.uid"), *phase = jstr(pv, "status.phase");
    bool same = claim && (!*owner || !strcmp(owner, jstr(claim, "metadata.uid")));
    if (same && strcmp(jstr(claim, "status.phase"), "Bound") != 0 && !strcmp(jstr(claim, "spec.volumeName"), jstr(pv, "metadata.name"))) {
        bind_to(s, pv, claim);
    } else if (!same && *owner && !strcmp(phase, "Bound")) {
        jset(pv, "status.phase", json_string("Released"));
        ctl_put(s, K_VOLUME, json_incref(pv));
    }
}

void ctl_bind_claim(struct sim *s, const char *ns, const char *name)
{
    struct res *r = ctl_res(s, K_VOLUME);
    for (size_t i = r ? r->n : 0; i-- > 0;) {
        json_t *pv = strstr(r->items[i]->text, name) ? obj_doc(r->items[i]) : NULL, *claim;
        if (pv && !strcmp(jstr(pv, "spec.claimRef.namespace"), ns) && !strcmp(jstr(pv, "spec.claimRef.name"), name)) {
            claim = ctl_doc(s, K_CLAIM, ns, name);
            look_at(s, pv, claim);
            json_decref(claim);
        }
        json_decref(pv);
    }
}

void ctl_lose_claims(struct sim *s, const char *pv)
{
    struct res *r = ctl_get(s, K_VOLUME, "", pv) ? NULL : ctl_res(s, K_CLAIM);
    for (size_t i = r ? r->n : 0; i-- > 0;) {
        json_t *claim = strstr(r->items[i]->text, pv) ? obj_doc(r->items[i]) : NULL;
        if (claim && !strcmp(jstr(claim, "spec.volumeName"), pv) && !strcmp(jstr(claim, "status.phase"), "Bound")) {
            jset(claim, "status", jt("{'phase':'Lost'}"));
            ctl_event(s, claim, "Warning", "ClaimLost", "persistentvolume-controller", NULL, "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
            ctl_put(s, K_CLAIM, json_incref(claim));
        }
        json_decref(claim);
    }
}
