/* Request paths of the Kubernetes API. */
#include "core/kube/kube.h"

bool kube_path(struct str *out, const struct kind *k, const char *ns, const char *name, const char *sub)
{
    const struct kube_kind *kk = k->kube;
    if (kk->group[0]) {
        str_adds(out, "/apis/");
        str_add_urlenc(out, kk->group);
        str_addc(out, '/');
    } else {
        str_adds(out, "/api/");
    }
    str_add_urlenc(out, kk->version);
    if (ns && ns[0] && (k->flags & KIND_NAMESPACED)) {
        str_adds(out, "/namespaces/");
        str_add_urlenc(out, ns);
    }
    str_addc(out, '/');
    str_add_urlenc(out, kk->resource);
    if (name && name[0]) {
        str_addc(out, '/');
        str_add_urlenc(out, name);
    }
    if (sub && sub[0]) {
        str_addc(out, '/');
        str_add_urlenc(out, sub);
    }
    return !out->failed;
}
