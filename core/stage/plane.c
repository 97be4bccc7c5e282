/* What hangs on a pod of OpenStack: requests to an API (control plane), running servers' traffic (data plane), or volumes.
 * Known of the labels that OpenStack-Helm and its relatives set. Pure. */
#include <string.h>
#include <strings.h>

#include "core/stage/stage_priv.h"

static const struct {
    const char *application, *component;   /* component: how its name begins; "" = any that is not named before */
    enum stage_level level;
    const char *text;
} planes[] = {
    {"nova", "compute", STAGE_FINE, "Control plane only: the servers of its host run on; they cannot be managed meanwhile."},
    {"nova", "", STAGE_FINE, "Control plane only: servers that run go on; requests to the compute API may wait."},
    {"neutron", "l3", STAGE_WARN, "Data plane: routers of its host that are not highly available may stop forwarding meanwhile."},
    {"neutron", "dhcp", STAGE_WARN, "Data plane, in part: no address is leased or renewed by it meanwhile."},
    {"neutron", "metadata", STAGE_FINE, "Control plane only: servers of its host that boot meanwhile wait for their metadata."},
    {"neutron", "", STAGE_FINE, "Control plane only: traffic goes on by the flows that are there; changes of networks wait."},
    {"openvswitch", "", STAGE_WARN, "Data plane: traffic of its host's servers goes through it."},
    {"ovn", "ovn-controller", STAGE_WARN, "Data plane: flows stay for a while; changes of its host's networks wait."},
    {"ovn", "", STAGE_FINE, "Control plane only: flows that are there stay."},
    {"libvirt", "", STAGE_FINE, "Control plane only: running servers survive a restart of libvirt, not the loss of the host."},
    {"cinder", "volume", STAGE_WARN, "Storage: volumes that it serves itself (LVM, iSCSI) may stall; those of an external backend do not."},
    {"cinder", "", STAGE_FINE, "Control plane only: attached volumes go on."},
    {"ceph", "", STAGE_WARN, "Storage: the cluster loses a member and has less redundancy meanwhile."},
    {"mariadb", "", STAGE_FINE, "Control plane only: every OpenStack API needs its quorum; running servers do not."},
    {"rabbitmq", "", STAGE_FINE, "Control plane only: every OpenStack service needs its quorum; running servers do not."},
    {"octavia", "", STAGE_FINE, "Control plane only: load balancers that are there go on."},
};
static const char *const apis[] = {"keystone", "glance", "placement", "heat", "horizon", "barbican", "magnum", "ironic", "designate", "manila",
                                   "swift", "memcached"};

const char *plane_words(const char *application, const char *component, enum stage_level *level)
{
    for (size_t i = 0; i < sizeof planes / sizeof *planes; i++) {
        *level = planes[i].level;
        if (!strcasecmp(application, planes[i].application) && !strncasecmp(component, planes[i].component, strlen(planes[i].component)))
            return planes[i].text;
    }
    *level = STAGE_FINE;
    for (size_t i = 0; i < sizeof apis / sizeof *apis; i++)
        if (!strcasecmp(application, apis[i]))
            return "Control plane only: what runs goes on; requests to this service may wait.";
    return NULL;
}
