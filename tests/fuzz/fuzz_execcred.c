/* What a credential plugin may print, certificates and tokens in it included. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/kube/kube_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kube_cred c;
    struct err err = ERR_INIT;
    struct str text;
    int64_t ms;
    kube_cred_parse(&c, (const char *)data, size, "client.authentication.k8s.io/v1", "plugin", &err);
    kube_cred_release(&c);
    kube_cert_expiry((const char *)data, size, &ms);
    str_init(&text, 1u << 20);
    str_add(&text, (const char *)data, size);
    kube_jwt_expiry(text.data, &ms);
    str_release(&text);
    return 0;
}
