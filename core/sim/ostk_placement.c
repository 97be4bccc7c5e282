/* Placement: what the hypervisors have and what is taken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_sim.h"

void placement_handle(struct req *r)
{
    if (r->nseg <= 1) {
        reply_json(r, 200, jt("{'versions':[{'id':'v1.0','max_version':'1.39','min_version':'1.0','status':'CURRENT','links':[{'rel':'self','href':''}]}]}"));
        return;
    }
    if (!ostk_token(r))
        return;
    struct res *hyps = ostk_table(r->sim, "nova", "hypervisors");
    if (strcmp(r->seg[1], "resource_providers") != 0) {
        reply_json(r, 404, jt("{'errors':[{'status':404,'title':'Not Found','detail':'The resource could not be found.\\n\\n   ','request_id':%s}]}", r->id));
    } else if (r->nseg == 2) {
        json_t *all = json_array();
        for (size_t i = 0; i < hyps->n; i++) {
            json_t *d = obj_doc(hyps->items[i]);
            json_array_append_new(all, jt("{'uuid':%s,'name':%s,'generation':3,'links':[],'parent_provider_uuid':null,'root_provider_uuid':%s}", jstr(d, "id"),
                                          jstr(d, "hypervisor_hostname"), jstr(d, "id")));
            json_decref(d);
        }
        reply_json(r, 200, jt("{'resource_providers':%j}", all));
    } else {
        struct obj *o = store_get(hyps, "", r->seg[2]);
        json_t *d = o ? obj_doc(o) : NULL;
        const char *sub = r->nseg > 3 ? r->seg[3] : "";
        if (d && strcmp(sub, "inventories") == 0)
            reply_json(r, 200, jt("{'inventories':{'VCPU':{'total':%l,'reserved':0,'min_unit':1,'max_unit':64,'step_size':1,'allocation_ratio':4.0},'MEMORY_MB':{"
                                  "'total':%l,'reserved':512,'min_unit':1,'max_unit':262144,'step_size':1,'allocation_ratio':1.0},'DISK_GB':{'total':%l,"
                                  "'reserved':0,'min_unit':1,'max_unit':4000,'step_size':1,'allocation_ratio':1.0}},'resource_provider_generation':3}",
                                  jint(d, "vcpus"), jint(d, "memory_mb"), jint(d, "local_gb")));
        else if (d && strcmp(sub, "usages") == 0)
            reply_json(r, 200, jt("{'usages':{'VCPU':%l,'MEMORY_MB':%l,'DISK_GB':%l},'resource_provider_generation':3}", jint(d, "vcpus_used"),
                                  jint(d, "memory_mb_used"), jint(d, "local_gb_used")));
        else
            reply_json(r, 404, jt("{'errors':[{'status':404,'title':'Not Found','detail':'No resource provider','request_id':%s}]}", r->id));
        json_decref(d);
    }
}
