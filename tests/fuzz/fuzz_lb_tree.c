/* Status trees of load balancers: their members, and the tree in words. */
#include <stddef.h>
#include <stdint.h>

#include "core/openstack/lb_tree.h"
#include "core/openstack/ostk_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str out;
    json_t *doc = json_loadb((const char *)data, size, 0, NULL), *members = doc ? lb_tree_members(doc, doc) : NULL;
    str_init(&out, 1 << 20);
    if (doc)
        lb_tree_text(&out, doc);
    str_release(&out);
    json_decref(members);
    json_decref(doc);
    return 0;
}
