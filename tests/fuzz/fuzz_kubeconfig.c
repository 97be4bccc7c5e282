/* A kubeconfig of any bytes: read, merged with a good one, checked; never a crash, a leak or an unclean sentence. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "strata/kubeconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kubeconfig kc;
    struct err err = ERR_INIT;
    kubeconfig_init(&kc);
    kubeconfig_parse(&kc, (const char *)data, size, "/etc/a", &err);
    kubeconfig_parse(&kc, "clusters: [{name: c, cluster: {server: http://h}}]\n", 51, "b", &err);
    for (size_t i = 0; i < kc.ncontexts; i++)
        if (kubeconfig_check(&kc, kc.contexts[i].name, &err) && strpbrk(err.msg, "\x1b\x7f\r\n"))
            abort();
    if (kc.problems.len && strpbrk(kc.problems.data, "\x1b\x7f\r"))
        abort();
    kubeconfig_free(&kc);
    return 0;
}
