/*
 * Purpose:   how a distribution of OpenStack on Kubernetes labels its pods, as files of data: which labels tell the component,
 *            and which program, API and plane a component is.
 * Thread:    built once; then read by any.
 * Ownership: counted; profiles own their texts.
 * Errors:    file and line in err.
 * Source:    layers.md 2.1-2.5: openstack-helm, sapcc, openstack-k8s-operators, Yaook.
 *
 * A file: "profile NAME", "label KEY..." (their values, joined by "/", are the component), then for each component
 * "COMPONENT BINARY|- API|- cp|dp|st [quorum [API|@parent]]" (@parent: the object it is made for tells whose it is); the key @kind stands for
 * the kind of the row, "resource.group". # begins a comment. A later file's line wins over an earlier one's.
 */
#ifndef STRATA_LINKS_PROFILE_H
#define STRATA_LINKS_PROFILE_H

#include "strata/err.h"
#include "strata/links.h"
#include "strata/row.h"

#define PROFILE_MAX 32
#define PROFILE_LABELS 3

struct link_role {
    const char *component;      /* "nova/os-api" */
    const char *binary;         /* "nova-compute"; "" none */
    const char *api;            /* catalog type it serves: "compute"; "" none */
    enum link_plane plane;
    bool quorum;                /* more than half must live */
    const char *only;           /* catalog type whose service alone needs it, of a database or queue; "" all */
    const char *profile;
};

struct link_profiles *link_profiles_new(void);                      /* those built in; NULL: memory */
struct link_profiles *link_profiles_ref(struct link_profiles *p);   /* any thread */
void link_profiles_free(struct link_profiles *p);                   /* the last one frees */
enum err_code link_profiles_read(struct link_profiles *p, const char *file, const char *text, struct err *err);
/* Every *.profile of a directory, in order of names; a directory that is not there is fine. */
enum err_code link_profiles_dir(struct link_profiles *p, const char *dir, struct err *err);
/* What the row's labels say it is; NULL: nothing known. */
const struct link_role *link_role_of(const struct link_profiles *p, const struct row *r);

#endif
