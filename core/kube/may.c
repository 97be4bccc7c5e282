/* May this user do that with a pod? Asked before something waits for connections: a refusal of the first would come late. */
#include <string.h>

#include "core/base/json_read.h"
#include "core/kube/kube_rq.h"
#include "strata/mem.h"

#define REVIEWS "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
#define TIMEOUT_MS 10000

bool kube_op_ask_right(struct kube_op *op, const char *verb, const char *sub, const char *ns, const char *pod, op_done_fn *done, struct err *err)
{
    json_t *j = json_pack("{s:s,s:s,s:{s:{s:s,s:s,s:s,s:s,s:s}}}", "apiVersion", "authorization.k8s.io/v1", "kind", "SelfSubjectAccessReview", "spec",
                          "resourceAttributes", "verb", verb, "resource", "pods", "subresource", sub, "namespace", ns, "name", pod);
    char *body = j ? json_dumps(j, JSON_COMPACT) : NULL;
    json_decref(j);
    if (!body)
        return err_set(err, ERR_NOMEM, 0, "out of memory"), false;
    struct kube_req rq = {.method = "POST", .path = REVIEWS, .body = body, .body_len = strlen(body), .content_type = "application/json",
                          .timeout_ms = TIMEOUT_MS, .safe = true};
    bool sent = kube_op_send(op, &rq, done, NULL, NULL, err);
    json_text_free(body);
    return sent;
}

bool kube_denied(const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *j = kube_json(r, &err);
    bool denied = json_is_false(kube_jget(j, "status.allowed"));
    json_decref(j);
    return denied;
}
