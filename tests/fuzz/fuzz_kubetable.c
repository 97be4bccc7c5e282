/* Discovery documents, Table pages and Table watch lines. First byte: which. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/kube/kube_priv.h"
#include "strata/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void table(const char *text, size_t len, bool watch)
{
    static const struct kube_kind kk = {.group = "example.com", .version = "v1", .resource = "widgets", .object_kind = "Widget"};
    static const struct kind base = {.id = "widgets", .singular = "widget", .flags = KIND_NAMESPACED, .kube = &kk};
    struct kube_source ks = {.have_version = false};
    struct feed f = {.kind_name = (char *)"widgets", .ns = (char *)""};
    struct kfeed kf = {.ks = &ks, .f = &f, .kind = &base, .codec = &kube_table_codec};
    struct net_head head = {.status = 200, .content_type = "application/json"};
    f.store = store_new(0, NULL, NULL);
    if (!f.store)
        return;
    str_init(&kf.buf, 1u << 20);
    kf.phase = watch ? KF_WATCH : KF_LIST;
    kube_table_codec.begin(&kf, &head, watch);
    size_t half = len / 2;
    if (kube_table_codec.data(&kf, text, half) && kube_table_codec.data(&kf, text + half, len - half) && !watch)
        kube_table_codec.end(&kf);
    kube_table_codec.reset(&kf);
    mem_free(kf.rv);
    mem_free(kf.list_rv);
    mem_free(kf.cont);
    store_free(f.store);
    kube_columns_free_all(ks.columns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kube_resources r;
    struct err err = ERR_INIT;
    if (size < 1)
        return 0;
    const char *text = (const char *)data + 1;
    switch (data[0] % 4) {
    case 0:
    case 1:
        kube_resources_init(&r);
        if (data[0] % 4)
            kube_resources_parse_legacy(&r, text, size - 1, &err);
        else
            kube_resources_parse_aggregated(&r, text, size - 1, &err);
        kube_resources_name(&r);
        kube_resources_find(&r, "widgets.v1.example.com");
        kube_resources_release(&r);
        break;
    default:
        table(text, size - 1, data[0] % 4 == 3);
    }
    return 0;
}
