/* Placement: what the hypervisors have and what is taken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova.h"
#include "core/sim/ostk_sim.h"

static void placement_error(struct req *r, const char *detail)
{
    reply_json(r, 404, jt("{'errors':[{'status':404,'title':'Not Found','detail':%s,'request_id':%s}]}", detail, r->id));
}

static void placement_providers(struct req *r)
{
    json_t *all = json_array();
    struct nova_provider p;
    for (size_t i = 0; i < nova_providers(r->sim); i++)
        if (nova_provider(r->sim, i, &p))
            json_array_append_new(all, jt("{'uuid':%s,'name':%s,'generation':%i,'links':[],'parent_provider_uuid':null,'root_provider_uuid':%s}", p.id, p.name,
                                          p.generation, p.id));
    reply_json(r, 200, jt("{'resource_providers':%j}", all));
}

static void placement_alloc(const struct nova_alloc *a, void *arg)
{
    json_t *all = arg;
    if (strcmp(a->provider, json_string_value(json_object_get(all, "provider"))) == 0)
        json_object_set_new(json_object_get(all, "allocations"), a->consumer, jt("{'resources':{'VCPU':%i,'MEMORY_MB':%i,'DISK_GB':%i}}", a->vcpus,
                                                                                 a->memory_mb, a->disk_gb));
}

static void placement_one(struct req *r, const char *id, const char *sub)
{
    struct nova_provider p;
    bool found = false;
    for (size_t i = 0; !found && i < nova_providers(r->sim); i++)
        found = nova_provider(r->sim, i, &p) && strcmp(p.id, id) == 0;
    if (found && strcmp(sub, "inventories") == 0) {
        reply_json(r, 200, jt("{'inventories':{'VCPU':{'total':%i,'reserved':0,'min_unit':1,'max_unit':%i,'step_size':1,'allocation_ratio':4.0},'MEMORY_MB':{"
                              "'total':%i,'reserved':512,'min_unit':1,'max_unit':%i,'step_size':1,'allocation_ratio':1.0},'DISK_GB':{'total':%i,"
                              "'reserved':0,'min_unit':1,'max_unit':%i,'step_size':1,'allocation_ratio':1.0}},'resource_provider_generation':%i}", p.vcpus,
                              p.vcpus, p.memory_mb, p.memory_mb, p.disk_gb, p.disk_gb, p.generation));
    } else if (found && strcmp(sub, "usages") == 0) {
        reply_json(r, 200, jt("{'usages':{'VCPU':%i,'MEMORY_MB':%i,'DISK_GB':%i},'resource_provider_generation':%i}", p.vcpus_used, p.memory_mb_used,
                              p.disk_gb_used, p.generation));
    } else if (found && strcmp(sub, "allocations") == 0) {
        json_t *all = jt("{'provider':%s,'allocations':{},'resource_provider_generation':%i}", id, p.generation);
        nova_allocations(r->sim, placement_alloc, all);
        json_object_del(all, "provider");
        reply_json(r, 200, all);
    } else {
        placement_error(r, "No resource provider");
    }
}

void placement_handle(struct req *r)
{
    if (r->nseg <= 1) {
        reply_json(r, 200, jt("{'versions':[{'id':'v1.0','max_version':'1.39','min_version':'1.0','status':'CURRENT','links':[{'rel':'self','href':''}]}]}"));
        return;
    }
    if (!ostk_token(r))
        return;
    if (strcmp(r->seg[1], "resource_providers") != 0)
        placement_error(r, "The resource could not be found.\n\n   ");
    else if (r->nseg == 2)
        placement_providers(r);
    else
        placement_one(r, r->seg[2], r->nseg > 3 ? r->seg[3] : "");
}
