/* The cloud as it is found: flavors, images, networks, hypervisors that are nodes of the cluster, servers in all states. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_sim.h"

static const char *const projects[] = {"70bd11ae622740acac020c6f4a210002", "51ca24060160435db0a6d2f3733b0003", "be96c561c90c49a6b3502c1b50ed0001"};
static const char *const users[] = {"23e5a28070d149718cc70712990b0002", "711a2f75269d4386aa73d87f1a250003", "2bbc6f0c527b495cbedd8ffad2520001"};
static const struct { const char *name; int vcpus, ram, disk; } flavors[] = {
    {"m1.tiny", 1, 512, 1}, {"m1.small", 1, 2048, 20}, {"m1.medium", 2, 4096, 40}, {"m1.large", 4, 8192, 80}, {"huge.96cpu", 96, 4096, 20},
};
#define NFLAVORS (sizeof(flavors) / sizeof(flavors[0]))

static const char *micros(int64_t ms, char out[40])
{
    char at[32];
    snprintf(out, 40, "%.19s.000000", stamp(ms, at));
    return out;
}

static void seed_services(struct sim *s)
{
    static const struct { const char *binary, *host, *zone, *status, *state, *reason; bool forced; } nova[] = {
        {"nova-conductor", "controller-1", "internal", "enabled", "up", NULL, false}, {"nova-conductor", "controller-2", "internal", "enabled", "up", NULL, false},
        {"nova-scheduler", "controller-1", "internal", "enabled", "up", NULL, false}, {"nova-compute", "compute-1", "nova", "enabled", "up", NULL, false},
        {"nova-compute", "compute-2", "nova", "enabled", "up", NULL, false}, {"nova-compute", "compute-3", "nova", "disabled", "up", "memory being replaced", false},
        {"nova-compute", "compute-4", "nova", "enabled", "down", NULL, true},
    };
    char id[37], beat[40];
    for (size_t i = 0; i < sizeof(nova) / sizeof(nova[0]); i++) {
        uuid4(s, id);
        store_put(s, ostk_table(s, "nova", "services"),
                  jt("{'binary':%s,'host':%s,'id':%s,'zone':%s,'status':%s,'state':%s,'updated_at':%s,'disabled_reason':%s,'forced_down':%b}", nova[i].binary,
                     nova[i].host, id, nova[i].zone, nova[i].status, nova[i].state, micros(sim_now(s) - 840000, beat), nova[i].reason, nova[i].forced));
    }
}

static void seed_hypervisors(struct sim *s)
{
    for (int i = 1; i <= 4; i++) {
        char id[37], *host = sim_printf("compute-%d", i), *ip = sim_printf("10.0.0.2%d", i), sid[37];
        uuid4(s, id);
        uuid4(s, sid);
        store_put(s, ostk_table(s, "nova", "hypervisors"),
                  jt("{'id':%s,'hypervisor_hostname':%s,'state':%s,'status':%s,'hypervisor_type':'QEMU','hypervisor_version':7002000,'host_ip':%s,'service':{'id':%s,"
                     "'host':%s,'disabled_reason':%s},'vcpus':64,'memory_mb':262144,'local_gb':4000,'vcpus_used':%i,'memory_mb_used':%i,'local_gb_used':%i,"
                     "'free_ram_mb':200000,'free_disk_gb':3600,'current_workload':0,'running_vms':9,'disk_available_least':0}", id, host, i == 4 ? "down" : "up",
                     i == 3 ? "disabled" : "enabled", ip, sid, host, i == 3 ? "memory being replaced" : NULL, 10 * i, 9216 * i, 80 * i));
        free(host);
        free(ip);
    }
}

static void seed_flavors_images(struct sim *s, char images[2][37])
{
    char at[32];
    stamp(sim_now(s) - 40LL * 86400000, at);
    for (size_t i = 0; i < NFLAVORS; i++)
        store_put(s, ostk_table(s, "nova", "flavors"),
                  jt("{'id':%s,'name':%s,'ram':%i,'disk':%i,'swap':0,'OS-FLV-EXT-DATA:ephemeral':0,'OS-FLV-DISABLED:disabled':false,'vcpus':%i,"
                     "'os-flavor-access:is_public':true,'rxtx_factor':1.0,'links':[],'description':null,'extra_specs':{}}", flavors[i].name, flavors[i].name,
                     flavors[i].ram, flavors[i].disk, flavors[i].vcpus));
    for (int i = 0; i < 2; i++) {
        uuid4(s, images[i]);
        store_put(s, ostk_table(s, "glance", "images"),
                  jt("{'id':%s,'name':%s,'disk_format':'qcow2','container_format':'bare','visibility':'public','size':%l,'virtual_size':null,'status':'active',"
                     "'checksum':'d41d8cd98f00b204e9800998ecf8427e','protected':false,'min_ram':0,'min_disk':0,'owner':%s,'os_hidden':false,'created_at':%s,"
                     "'updated_at':%s,'tags':[],'self':'','file':'','schema':'/v2/schemas/image'}", images[i], i ? "debian-12" : "cirros", (int64_t)(i ? 347000000 : 16300544),
                     projects[2], at, at));
    }
}

struct server { const char *name; int project, flavor; const char *status, *vm, *task; int power; };
static const struct server special[] = {
    {"spawnfail-01", 0, 0, "ERROR", "error", NULL, 0}, {"too-big", 0, 4, "ERROR", "error", NULL, 0}, {"old-batch-01", 1, 1, "SHUTOFF", "stopped", NULL, 4},
    {"paused-01", 1, 1, "PAUSED", "paused", NULL, 3}, {"building-01", 0, 2, "BUILD", "building", "spawning", 0},
    {"building-02", 1, 2, "BUILD", "building", "networking", 0}, {"gone-01", 0, 0, "DELETED", "deleted", NULL, 0},
    {"\346\227\245\346\234\254\350\252\236\343\202\265\343\203\274\343\203\220", 0, 1, "ACTIVE", "active", NULL, 1},
    {"esc\033[31m\007name", 1, 1, "ACTIVE", "active", NULL, 1}, {"rescue-me", 1, 1, "RESCUE", "rescued", NULL, 1},
};
#define NSPECIAL (int)(sizeof(special) / sizeof(special[0]))

static void seed_server(struct sim *s, const struct server *v, int n, const char *image)
{
    char id[37], at[32], up[40], res[9], hostid[57], iid[32];
    int64_t born = sim_now(s) - 3600000LL * (1 + (int64_t)(sim_rand(s) % 900));
    bool placed = strcmp(v->status, "ERROR") != 0;
    char *host = placed ? sim_printf("compute-%d", n % 4 + 1) : NULL, *ip = sim_printf("10.%d.%d.%d", 10 * (v->project % 2 + 1), n / 250 % 250, n % 250 + 4);
    char *mac = sim_printf("fa:16:3e:%02x:%02x:%02x", n >> 16 & 255, n >> 8 & 255, n & 255);
    uuid4(s, id);
    hex_id(s, res, 8);
    hex_id(s, hostid, 56);
    snprintf(iid, sizeof(iid), "instance-%08x", n + 1);
    stamp(born, at);
    micros(born + 4000, up);
    json_t *d = jt("{'id':%s,'name':%s,'status':%s,'tenant_id':%s,'user_id':%s,'metadata':{},'hostId':%s,'image':{'id':%s,'links':[]},'flavor':{'vcpus':%i,'ram':%i,"
                   "'disk':%i,'ephemeral':0,'swap':0,'original_name':%s,'extra_specs':{}},'created':%s,'updated':%s,'addresses':%j,'accessIPv4':'','accessIPv6':'',"
                   "'links':[],'OS-DCF:diskConfig':'MANUAL'}", id, v->name, v->status, projects[v->project], users[v->project], placed ? hostid : "", image,
                   flavors[v->flavor].vcpus, flavors[v->flavor].ram, flavors[v->flavor].disk, flavors[v->flavor].name, at, at,
                   placed && strcmp(v->status, "BUILD") != 0 ? jt("{'net':[{'version':4,'addr':%s,'OS-EXT-IPS:type':'fixed','OS-EXT-IPS-MAC:mac_addr':%s}]}", ip, mac)
                                                             : json_object());
    json_t *net = json_object_get(json_object_get(d, "addresses"), "net");
    if (net) {
        json_object_set(json_object_get(d, "addresses"), v->project == 1 ? "ops-net" : "demo-net", net);
        json_object_del(json_object_get(d, "addresses"), "net");
    }
    if (!placed)
        json_object_set_new(d, "fault", jt("{'code':500,'created':%s,'message':%s,'details':''}", at,
                                           v->flavor == 4 ? "No valid host was found. There are not enough hosts available."
                                                          : "Exceeded maximum number of retries. Last exception: Failed to deploy instance: the hypervisor refused"));
    json_t *rest = jt("{'progress':0,'OS-EXT-AZ:availability_zone':%s,'config_drive':'','key_name':null,'OS-SRV-USG:launched_at':%s,'OS-SRV-USG:terminated_at':null,"
                      "'OS-EXT-SRV-ATTR:host':%s,'OS-EXT-SRV-ATTR:instance_name':%s,'OS-EXT-SRV-ATTR:hypervisor_hostname':%s,'OS-EXT-SRV-ATTR:reservation_id':%s,"
                      "'OS-EXT-SRV-ATTR:launch_index':0,'OS-EXT-SRV-ATTR:hostname':%s,'OS-EXT-SRV-ATTR:kernel_id':'','OS-EXT-SRV-ATTR:ramdisk_id':'',"
                      "'OS-EXT-SRV-ATTR:root_device_name':'/dev/vda','OS-EXT-SRV-ATTR:user_data':null,'OS-EXT-STS:task_state':%s,'OS-EXT-STS:vm_state':%s,"
                      "'OS-EXT-STS:power_state':%i,'os-extended-volumes:volumes_attached':[],'locked':false,'locked_reason':null,'description':null,'tags':[],"
                      "'trusted_image_certificates':null,'host_status':%s,'security_groups':[{'name':'default'}]}", placed ? "nova" : "", placed ? up : NULL, host, iid,
                      host, res, v->name, v->task, v->vm, v->power, placed ? "UP" : "");
    json_object_update(d, rest);
    json_decref(rest);
    store_put(s, ostk_table(s, "nova", "servers"), d);
    if (n % 7 == 0) {
        char row[37];
        uuid4(s, row);
        char *rid = sim_printf("req-%s", row);
        store_put(s, ostk_table(s, "nova", "actions"),
                  jt("{'id':%s,'action':'create','instance_uuid':%s,'request_id':%s,'user_id':%s,'project_id':%s,'start_time':%s,'message':null,'updated_at':%s}", row, id,
                     rid, users[v->project], projects[v->project], up, up));
        free(rid);
    }
    free(host);
    free(ip);
    free(mac);
}

/* BUILD ends: the server becomes ACTIVE, as the next poll will see. */
static void finish_builds(struct sim *s, void *arg)
{
    struct res *t = ostk_table(s, "nova", "servers");
    char at[32];
    (void)arg;
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "name"), "building-01") == 0 && strcmp(jstr(d, "status"), "BUILD") == 0) {
            json_object_set_new(d, "status", json_string("ACTIVE"));
            json_object_set_new(d, "OS-EXT-STS:vm_state", json_string("active"));
            json_object_set_new(d, "OS-EXT-STS:task_state", json_null());
            json_object_set_new(d, "OS-EXT-STS:power_state", json_integer(1));
            json_object_set_new(d, "updated", json_string(stamp(sim_now(s), at)));
            store_put(s, t, json_incref(d));
        }
        json_decref(d);
    }
}

void ostk_init(struct sim *s)
{
    static const char *const tables[][2] = {{"nova", "servers"}, {"nova", "services"}, {"nova", "hypervisors"}, {"nova", "migrations"}, {"nova", "flavors"},
                                            {"nova", "actions"}, {"neutron", "agents"}, {"neutron", "networks"}, {"neutron", "subnets"}, {"neutron", "ports"},
                                            {"neutron", "routers"}, {"neutron", "floatingips"}, {"neutron", "security-groups"}, {"neutron", "quotas"},
                                            {"neutron", "extensions"}, {"cinder", "volumes"}, {"cinder", "snapshots"}, {"cinder", "services"}, {"glance", "images"}};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        ostk_table(s, tables[i][0], tables[i][1]);
}

void ostk_seed(struct sim *s)
{
    char images[2][37], name[32], id[37], at[40];
    seed_identity(s);
    seed_services(s);
    seed_hypervisors(s);
    seed_flavors_images(s, images);
    seed_network(s, projects, projects[2]);
    for (int i = 0; i < NSPECIAL; i++)
        seed_server(s, &special[i], i, images[i % 2]);
    for (int i = 0; i < 24 + s->world->servers; i++) {
        static const char *const stems[] = {"web", "db", "ci", "worker", "bastion", "mon"};
        snprintf(name, sizeof(name), "%s-%05d", stems[i % 6], i);
        struct server v = {name, i % 2, i % 4, "ACTIVE", "active", NULL, 1};
        seed_server(s, &v, NSPECIAL + i, images[i % 2]);
    }
    seed_storage(s, projects, users);
    uuid4(s, id);
    micros(sim_now(s) - 7200000, at);
    store_put(s, ostk_table(s, "nova", "migrations"),
              jt("{'id':%s,'uuid':%s,'source_compute':'compute-1','dest_compute':'compute-2','source_node':'compute-1','dest_node':'compute-2','dest_host':null,"
                 "'status':'completed','instance_uuid':%s,'old_instance_type_id':1,'new_instance_type_id':1,'created_at':%s,'updated_at':%s,'migration_type':'live-migration',"
                 "'user_id':%s,'project_id':%s}", id, id, ostk_table(s, "nova", "servers")->items[9]->name, at, at, users[2], projects[2]));
    sim_after(s, 20000, finish_builds, NULL);
}
