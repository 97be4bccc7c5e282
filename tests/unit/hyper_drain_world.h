/* The world of a drain of a hypervisor: its replies, and the first turn. */
#ifndef TEST_HYPER_DRAIN_WORLD_H
#define TEST_HYPER_DRAIN_WORLD_H

#include "core/ops/hyper_drain.h"
#include "drive_world.h"

#define HV(status, reason) "{'id':'hv','hypervisor_hostname':'c1.example','state':'up','status':'" status "','service':{'host':'c1','id':'11111111-2222-3333-4444-555555555555','disabled_reason':" reason "}}"
#define ON HV("enabled", "null")
#define OFF HV("disabled", "'strata: maintenance'")
#define V(name, status, vm, task) "{'id':'" name "-id','name':'" name "','status':'" status "','OS-EXT-STS:vm_state':'" vm "','OS-EXT-STS:task_state':" task "}"
#define SINCE(name, at) "{'id':'" name "-id','name':'" name "','status':'BUILD','OS-EXT-STS:vm_state':'building','OS-EXT-STS:task_state':'networking','updated':'" at "'}"
#define UP(name) V(name, "ACTIVE", "active", "null")
#define DOWN(name) V(name, "SHUTOFF", "stopped", "null")
#define BUSY(name, task) V(name, "REBOOT", "active", "'" task "'")
#define LIST(...) "{'servers':[" __VA_ARGS__ "]}"
#define M(id, name, status, type) "{'id':" id ",'instance_uuid':'" name "-id','status':'" status "','migration_type':'" type "','source_compute':'c1','dest_compute':'c2','updated_at':'2001-09-09T01:46:00.000000'}"
#define MOVES(...) "{'migrations':[" __VA_ARGS__ "]}"
#define HELD(...) "{'allocations':{" __VA_ARGS__ "}}"

static inline void world(struct world *w, const char *servers)
{
    w_init(w, "drain", "hypervisor", "c1.example", "hv");
    w_obj(w, ON);
    w_side(w, HYPER_SERVERS, servers);
    w_side(w, HYPER_MIGRATIONS, MOVES());
    w_side(w, HYPER_ALLOCATIONS, HELD());
}

static inline void begin(struct world *w)
{
    assert_int_equal(w_turn(w), SEEN_DONE);
    w->d.facts = NULL;
    assert_int_equal(w_turn(w), SEEN_WAIT);
    assert_string_equal(w->kid[0].action, "disable");
    assert_int_equal(w->kid[0].state, STEP_WATCHING);
    for (size_t i = 1; i < w->d.nkids; i++)
        assert_int_equal(w->kid[i].state, STEP_WAITING);             /* nothing moves before no new ones can come */
    w_ended(w, 0, STEP_DONE, "");
    w_obj(w, OFF);
}

#endif
