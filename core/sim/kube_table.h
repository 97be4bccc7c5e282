/*
 * Purpose:   the columns of the server's own tables and the functions that make their cells.
 * Thread:    the one of the demo cloud.
 * Ownership: a cell is a new reference.
 * Errors:    none: a field that is not there gives the cell a real server shows for it.
 * Units:     none.
 */
#ifndef STRATA_SIM_KUBE_TABLE_H
#define STRATA_SIM_KUBE_TABLE_H

#include "core/sim/kube_sim.h"

typedef json_t *cell_fn(struct sim *s, const json_t *doc);
struct column {
    const char *name, *type;                                   /* name NULL ends a list */
    int wide;
    const char *path;                                          /* the field itself, raw; or */
    cell_fn *cell;
};
struct kind_columns { const char *plural; const struct column *columns; };
const struct column *kube_columns(const struct res *res);      /* without the name, which is always first */

cell_fn cell_pod_ready, cell_pod_status, cell_pod_restarts, cell_pod_ip, cell_pod_node, cell_pod_nominated, cell_pod_gates;
cell_fn cell_age, cell_created, cell_data_count, cell_containers, cell_images, cell_selector, cell_match_selector, cell_fraction, cell_node_status,
    cell_node_roles, cell_node_internal, cell_node_external, cell_node_kernel, cell_service_external, cell_service_ports, cell_endpoints, cell_slice_ports,
    cell_slice_endpoints, cell_access_modes, cell_claim, cell_unset_class, cell_quota_request, cell_quota_limit, cell_event_seen, cell_event_object,
    cell_event_source, cell_event_first, cell_event_count, cell_controller, cell_hpa_targets, cell_hpa_reference,
    cell_last_schedule, cell_suspend, cell_timezone, cell_job_status,
    cell_job_completions, cell_job_duration, cell_pdb_min, cell_pdb_max, cell_role_ref, cell_users, cell_groups, cell_accounts, cell_none,
    cell_api_service, cell_api_available, cell_hosts, cell_capi_cluster, cell_ingress_address, cell_ingress_ports, cell_pod_selector, cell_cidrs, cell_parent, cell_drivers,
    cell_webhooks, cell_global_default, cell_template_labels, cell_node_selector, cell_service_ip, cell_class, cell_policy_rules, cell_param_kind, cell_param_ref,
    cell_claim_state;

#endif
