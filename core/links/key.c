/* What a row gives for comparing: a column's text, or something of its own, in the form the other side has it. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/links/links_priv.h"
#include "core/openstack/ostk_priv.h"
#include "strata/text.h"

#define KEY_MAX 512
enum { AT_UID = -25, AT_NAME, AT_OWNER, AT_DNS, AT_ROLE_HOST, AT_ROLE_NAME, AT_ROLE_API, AT_IN_NS, AT_SERVICE, AT_RELEASE, AT_LAUNCHER,
       AT_WIRE, AT_L3, AT_DHCP, AT_CONTROL, AT_SCOPE, AT_ROOK, AT_TARGET, AT_PLACE, AT_TOKENS, AT_NEEDS, AT_FIXED, AT_LEASED, AT_PARENT };

struct emit { void (*fn)(void *, const char *, size_t); void *arg; };

static void give(const struct emit *e, const char *s, size_t n)
{
    if (n && n < KEY_MAX)
        e->fn(e->arg, s, n);
}

/* Letters small, an address of IPv6 in its one spelling. */
static void lower(const struct emit *e, const char *s, size_t n)
{
    char buf[KEY_MAX], ip[TEXT_ADDRESS];
    if (n >= sizeof buf)
        return;
    for (size_t i = 0; i < n; i++)
        buf[i] = (char)tolower((unsigned char)s[i]);
    if (text_address(ip, s, n))
        give(e, ip, strlen(ip));
    else
        give(e, buf, n);
}

/* Is it a UUID, and not one that firmware writes where it has none? */
static bool uuid(const char *s, size_t n)
{
    bool zero = true, full = true;
    if (n != 36)
        return false;
    for (size_t i = 0; i < n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
            return false;
        zero &= dash || s[i] == '0';
        full &= dash || tolower((unsigned char)s[i]) == 'f';
    }
    return !zero && !full;
}

static void provider(const struct emit *e, const char *s, size_t n)
{
    const char *const head = "openstack://";
    size_t len = strlen(head);
    if (n <= len || strncmp(s, head, len) != 0)
        return;
    const char *slash = memchr(s + len, '/', n - len);
    if (slash && uuid(slash + 1, n - (size_t)(slash + 1 - s)))
        lower(e, slash + 1, 36);
}

static void dashed(const struct emit *e, const char *s, size_t n)
{
    char buf[37];
    if (n != 32)
        return;
    snprintf(buf, sizeof buf, "%.8s-%.4s-%.4s-%.4s-%.12s", s, s + 8, s + 12, s + 16, s + 20);
    if (uuid(buf, 36))
        lower(e, buf, 36);
}

static void swapped(const struct emit *e, const char *s, size_t n)
{
    static const unsigned char at[] = {6, 7, 4, 5, 2, 3, 0, 1, 8, 11, 12, 9, 10, 13, 16, 17, 14, 15};
    char buf[37];
    if (!uuid(s, n))
        return;
    memcpy(buf, s, 36);
    buf[36] = '\0';
    for (size_t i = 0; i < sizeof at; i++)
        buf[i] = s[at[i]];
    if (memcmp(buf, s, 36) != 0)
        lower(e, buf, 36);
}

static void each(const struct emit *e, const char *s, size_t n, const char *seps)
{
    for (const char *end = s + n; s < end;) {
        size_t len = 0;
        while (s + len < end && !strchr(seps, s[len]))
            len++;
        lower(e, s, len);
        s += len + 1;
    }
}

/* "net=ip, ip; net2=ip": what stands before a "=" is a name. */
static void addresses(const struct emit *e, const char *s, size_t n)
{
    for (const char *end = s + n; s < end;) {
        size_t len = 0;
        while (s + len < end && !strchr(",; ", s[len]))
            len++;
        const char *eq = memchr(s, '=', len), *from = eq ? eq + 1 : s;
        lower(e, from, len - (size_t)(from - s));
        s += len + 1;
    }
}

static void url_host(const struct emit *e, const char *s, size_t n, bool dns)
{
    const char *end = s + n, *p = strstr(s, "://");
    char buf[KEY_MAX];
    if (!p || p > end)
        return;
    p += 3;
    size_t len = strcspn(p, "/?#:");
    if (*p == '[') {
        p++;
        len = strcspn(p, "]");
    }
    if (!dns) {
        lower(e, p, len);
        return;
    }
    /* name.namespace, name.namespace.svc and name.namespace.svc.cluster.local, nothing else: other hosts are not in the cluster */
    const char *dot = memchr(p, '.', len);
    if (!dot)
        return;
    size_t rest = strcspn(dot + 1, "./?#:"), two = (size_t)(dot + 1 - p) + rest;
    if (two >= sizeof buf || (two < len && strncmp(p + two, ".svc", 4) != 0))
        return;
    lower(e, p, two);
}

static void wildcard(void *arg, const char *s, size_t n)
{
    const char *dot = memchr(s, '.', n);
    char buf[KEY_MAX];
    int len = dot ? snprintf(buf, sizeof buf, "*%.*s", (int)(s + n - dot), dot) : 0;
    if (len > 2 && (size_t)len < sizeof buf)
        give(arg, buf, (size_t)len);
}

static void metal3(const struct emit *e, const char *s, size_t n)
{
    const char *const head = "metal3://";
    size_t len = strlen(head);
    if (n <= len || strncmp(s, head, len) != 0)
        return;
    s += len;
    size_t first = strcspn(s, "/"), second = s[first] ? strcspn(s + first + 1, "/") : 0;
    if (second)
        give(e, s, first + 1 + second);
    else if (uuid(s, strlen(s)))
        lower(e, s, 36);
}

/* Names of Services as one writes them within a cluster: short, with the namespace, or whole. */
static void svc_hosts(const struct emit *e, const char *s, const char *scope)
{
    char buf[KEY_MAX];
    for (size_t n; *s; s += n + (s[n] == ',')) {
        n = strcspn(s, ",");
        size_t name = strcspn(s, ".,"), ns = name < n ? strcspn(s + name + 1, ".,") : 0, two = name + 1 + ns;
        if (ns && two < n && strncmp(s + two, ".svc", 4) != 0)
            continue;                           /* a host outside */
        int len = ns ? snprintf(buf, sizeof buf, "%.*s/%.*s", (int)ns, s + name + 1, (int)name, s) : snprintf(buf, sizeof buf, "%s/%.*s", scope, (int)name, s);
        if (name && len > 0 && (size_t)len < sizeof buf)
            give(e, buf, (size_t)len);
    }
}

/* Each of "a,b", with what stands before it. */
static void wholes(const struct emit *e, const char *s, const char *before)
{
    char buf[KEY_MAX];
    for (size_t n; *s; s += n + (s[n] == ',')) {
        const char *comma = strchr(s, ',');
        n = comma ? (size_t)(comma - s) : strlen(s);
        if (!*before) {
            give(e, s, n);
            continue;
        }
        int len = snprintf(buf, sizeof buf, "%s/%.*s", before, (int)n, s);
        if (n && len > 0 && (size_t)len < sizeof buf)
            give(e, buf, (size_t)len);
    }
}

/* The cluster's name may have a "_" of its own, a namespace and a service cannot. */
static void kube_service(const struct emit *e, const char *s)
{
    const char *const head = "kube_service_";
    size_t at = strlen(s);
    if (strncmp(s, head, strlen(head)) != 0)
        return;
    for (int n = 0; at > strlen(head); at--)
        if (s[at - 1] == '_' && ++n == 2) {
            give(e, s + at, strlen(s + at));
            return;
        }
}

static void formed_of(enum link_form form, const struct emit *e, const char *s, const struct row *r)
{
    size_t n = s ? strlen(s) : 0;
    if (!n || (*s == 'N' && !strcmp(s, "None")) || (*s == '<' && !strcmp(s, "<none>")))
        return;
    switch (form) {
    case FORM_WHOLE: give(e, s, n); break;
    case FORM_LOWER: lower(e, s, n); break;
    case FORM_SHORT: lower(e, s, strcspn(s, ".")); break;
    case FORM_PROVIDER: provider(e, s, n); break;
    case FORM_UUID: if (uuid(s, n)) lower(e, s, n); break;
    case FORM_DASHED: dashed(e, s, n); break;
    case FORM_SWAPPED: swapped(e, s, n); break;
    case FORM_ADDRESSES: addresses(e, s, n); break;
    case FORM_LIST: each(e, s, n, ",; "); break;
    case FORM_BACKEND: give(e, s, strcspn(s, "#")); break;
    case FORM_URL_HOST: url_host(e, s, n, false); break;
    case FORM_URL_HOSTS: url_host(e, s, n, false); url_host(&(struct emit){wildcard, (void *)e}, s, n, false); break;
    case FORM_METAL3: metal3(e, s, n); break;
    case FORM_SVC_HOSTS: svc_hosts(e, s, r->scope); break;
    case FORM_SVC_DNS: url_host(e, s, n, true); break;
    case FORM_WHOLES: wholes(e, s, ""); break;
    case FORM_IN_NS: wholes(e, s, r->scope); break;
    case FORM_KUBE_SERVICE: kube_service(e, s); break;
    case FORM_AFTER_DASH:
        if ((s = strchr(s, '-')) && uuid(s + 1, strlen(s + 1)))
            lower(e, s + 1, 36);
        break;
    }
}

/* "binary@host". An agent says both; a hypervisor is nova-compute's; a pod's program is what its labels say. */
static void role_key(const struct emit *e, const struct row *r, const struct link_role *role, bool node)
{
    const char *binary = "", *host = "";
    char buf[KEY_MAX];
    if (!strcmp(r->kind->id, "os-services")) {
        binary = row_column(r, "binary");
        host = row_column(r, "host");
    } else if (!strcmp(r->kind->id, "hypervisor")) {
        binary = "nova-compute";
        host = row_column(r, "host");
    } else {
        binary = role ? role->binary : "";
        host = node ? row_column(r, "node") : r->name;
    }
    size_t len = node && strcmp(r->kind->id, "hypervisor") != 0 ? strcspn(host, ".@") : strcspn(host, "@");
    if (!*binary || !len)
        return;
    int n = snprintf(buf, sizeof buf, "%s@%.*s", binary, (int)len, host);
    if (n > 0 && (size_t)n < sizeof buf)
        give(e, buf, (size_t)n);
}

static void service_key(const struct emit *e, const struct row *r)
{
    char buf[KEY_MAX];
    int n = strcmp(row_column(r, "type"), "LoadBalancer") ? 0 : snprintf(buf, sizeof buf, "%s_%s", r->scope, r->name);
    if (n > 0 && (size_t)n < sizeof buf)
        give(e, buf, (size_t)n);
}

static bool label_value(const struct emit *e, const struct row *r, const char *key, const char *before)
{
    size_t len = strlen(key);
    char value[KEY_MAX];
    for (const char *s = r->labels; s && *s; s = (s = strchr(s, ',')) ? s + 1 : NULL)
        if (!strncmp(s, key, len) && s[len] == '=') {
            snprintf(value, sizeof value, "%.*s", (int)strcspn(s + len + 1, ","), s + len + 1);
            wholes(e, value, before);
            return true;
        }
    return false;
}

/* Charts say their release by a label of their own or by the common one. */
static void release_key(const struct emit *e, const struct row *r)
{
    static const char *const keys[] = {"release_group", "release_name", "app.kubernetes.io/instance"};
    if (!strcmp(r->kind->id, "helm-releases")) {
        if (strcmp(row_column(r, "release-status"), "superseded") != 0)
            wholes(e, row_column(r, "release"), r->scope);
        return;
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (label_value(e, r, keys[i], r->scope))
            return;
}

/* Disks and monitors: without the others of its pods the data is there. */
static void rook_key(const struct emit *e, const struct row *r)
{
    const char *s = r->labels;
    for (; s && *s; s = (s = strchr(s, ',')) ? s + 1 : NULL)
        if (!strncmp(s, "app=rook-ceph-osd", 17) || !strncmp(s, "app=rook-ceph-mon", 17)) {
            if (s[17] == ',' || !s[17])
                label_value(e, r, "rook_cluster", "");
            return;
        }
}

static void wire_key(const struct emit *e, const struct row *r)
{
    static const struct { const char *vif, *binary; } agents[] = {
        {"ovs", "neutron-openvswitch-agent"}, {"ovs", "ovn-controller"}, {"bridge", "neutron-linuxbridge-agent"}, {"hw_veb", "neutron-sriov-nic-agent"},
    };
    const char *vif = row_column(r, "vif"), *host = row_column(r, "host");
    char buf[KEY_MAX];
    for (size_t i = 0; *host && i < sizeof agents / sizeof *agents; i++) {
        int n = strcmp(vif, agents[i].vif) ? 0 : snprintf(buf, sizeof buf, "%s@%s", agents[i].binary, host);
        if (n > 0 && (size_t)n < sizeof buf)
            give(e, buf, (size_t)n);
    }
}

/* Neutron binds the ports of a router and of DHCP to the host of the agent that has them. */
static void agent_key(const struct emit *e, const struct row *r, const char *owner, const char *binary)
{
    const char *host = row_column(r, "host");
    char buf[KEY_MAX];
    int n = *host && !strncmp(row_column(r, "owner"), owner, strlen(owner)) ? snprintf(buf, sizeof buf, "%s@%s", binary, host) : 0;
    if (n > 0 && (size_t)n < sizeof buf)
        give(e, buf, (size_t)n);
}

/* Each address with what it is looked for in: a name, or a project. */
struct within { const struct emit *e; const char *in; };

static void with_address(void *arg, const char *s, size_t n)
{
    const struct within *w = arg;
    char buf[KEY_MAX], ip[TEXT_ADDRESS];
    bool v6 = text_address(ip, s, n);
    int len = snprintf(buf, sizeof buf, "%s/%.*s", w->in, v6 ? (int)strlen(ip) : (int)n, v6 ? ip : s);
    if (*w->in && len > 0 && (size_t)len < sizeof buf)
        lower(w->e, buf, (size_t)len);
}

static void place_key(const struct emit *e, const struct row *r, const char *in)
{
    struct within w = {e, in};
    const struct emit each_one = {with_address, &w};
    const bool server = !strcmp(r->kind->id, "server"), node = !strcmp(r->kind->id, "nodes");
    const char *s = row_column(r, server ? "addresses" : node ? "internal-ip" : "address");
    formed_of(server ? FORM_ADDRESSES : FORM_LIST, &each_one, s, r);
}

/* Both lists of a port are of its fixed addresses, in one order. */
static void fixed_key(const struct emit *e, const struct row *r)
{
    const bool port = !strcmp(r->kind->id, "port");
    const char *ip = row_column(r, port ? "ips" : "address"), *subnet = row_column(r, port ? "subnet-ids" : "subnet-id");
    while (*ip && uuid(subnet, strcspn(subnet, ","))) {
        char in[37];
        snprintf(in, sizeof in, "%s", subnet);
        with_address(&(struct within){e, in}, ip, strcspn(ip, ","));
        ip += strcspn(ip, ",");
        subnet += strcspn(subnet, ",");
        ip += strspn(ip, ", ");
        subnet += strspn(subnet, ", ");
    }
}

/* What counts votes in the control plane is a database, which all services need, or one of these. */
static const struct { const char *project, *by; } needed_by[] = {{"rabbitmq/", "queue"}, {"amqpservers.", "queue"}, {"memcached/", "cache"}, {"ovn/", "network"}, {"etcd/", ""}};
/* Their APIs ask no worker to do anything. */
static const char *const asks_nobody[] = {"identity", "image", "placement", "object-store"};

/* "queue/compute": of that service alone. */
static void needed_by_one(const struct emit *e, const char *by, const char *type)
{
    char buf[KEY_MAX];
    int n = snprintf(buf, sizeof buf, "%s/%s", by, type);
    if (n > 0 && (size_t)n < sizeof buf)
        give(e, buf, (size_t)n);
}

static void needs(const struct emit *e, const char *by, const char *type)
{
    give(e, by, strlen(by));
    if (*type)
        needed_by_one(e, by, type);
}

static void needs_key(const struct emit *e, const struct row *r, const struct link_role *role)
{
    const char *own = ostk_type_canonical(row_column(r, "type")), *type = r->flags & ROW_HEAD ? own : "", *by = "all";
    if (!strcmp(r->kind->id, "os-services")) {
        bool asks = true;
        for (size_t i = 0; i < sizeof asks_nobody / sizeof *asks_nobody; i++)
            asks &= strcmp(type, asks_nobody[i]) != 0;
        needs(e, "all", own);
        if (asks)
            needs(e, "queue", own);
        if (*type)
            needs(e, "cache", own);            /* of who looks at tokens: agents look at none */
        give(e, type, strlen(type));
        return;
    }
    bool cache = role && !strncmp(role->component, "memcached/", 10);
    if (!role || (!role->quorum && !cache) || role->plane != LINK_FOR_CP)
        return;
    for (size_t i = 0; i < sizeof needed_by / sizeof *needed_by; i++)
        if (!strncmp(role->component, needed_by[i].project, strlen(needed_by[i].project)))
            by = needed_by[i].by;
    if (*role->only == '@')
        return;                         /* what it is made for tells, by a rule of its own */
    if (*role->only)
        needed_by_one(e, by, role->only);
    else
        give(e, by, strlen(by));
}

bool link_keyer_init(struct link_keyer *k, const struct link_key *key, const struct kind *kind)
{
    static const char *const own[] = {KEY_UID, KEY_NAME, KEY_OWNER_UID, KEY_DNS, KEY_ROLE_HOST, KEY_ROLE_NAME, KEY_ROLE_API,
                                     KEY_IN_NS, KEY_SERVICE, KEY_RELEASE, KEY_LAUNCHER, KEY_WIRE, KEY_L3, KEY_DHCP, KEY_CONTROL, KEY_SCOPE, KEY_ROOK, KEY_TARGET, KEY_PLACE, KEY_TOKENS, KEY_NEEDS, KEY_FIXED, KEY_LEASED, KEY_PARENT};
    *k = (struct link_keyer){key, -1};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!strcmp(key->from, own[i])) {
            k->col = AT_UID + (int)i;
            return true;
        }
    k->col = kind_column(kind, key->from);
    return k->col >= 0 && kind->columns[k->col].type == COL_TEXT;
}

void link_key_each(const struct link_keyer *k, const struct row *r, const struct link_role *role,
                   void (*fn)(void *arg, const char *s, size_t n), void *arg)
{
    const struct emit e = {fn, arg};
    char buf[KEY_MAX];
    switch (k->col) {
    case AT_UID: formed_of(k->key->form, &e, r->uid, r); break;
    case AT_NAME: formed_of(k->key->form, &e, r->name, r); break;
    case AT_OWNER: {                    /* "Kind/name/uid" */
        const char *slash = strrchr(r->owner, '/');
        formed_of(k->key->form, &e, slash ? slash + 1 : "", r);
        break;
    }
    case AT_DNS:
        snprintf(buf, sizeof buf, "%s.%s", r->name, r->scope);
        lower(&e, buf, strlen(buf));
        break;
    case AT_ROLE_HOST: role_key(&e, r, role, true); break;
    case AT_ROLE_NAME: role_key(&e, r, role, false); break;
    case AT_ROLE_API:
        if (!strcmp(r->kind->id, "os-services"))
            formed_of(FORM_WHOLE, &e, r->flags & ROW_HEAD ? ostk_type_canonical(row_column(r, "type")) : "", r);     /* volumev3 is block-storage */
        else if (role)
            formed_of(FORM_WHOLE, &e, ostk_type_canonical(role->api), r);
        break;
    case AT_IN_NS: wholes(&e, r->name, r->scope); break;
    case AT_SERVICE: service_key(&e, r); break;
    case AT_RELEASE: release_key(&e, r); break;
    case AT_LAUNCHER: label_value(&e, r, "kubevirt.io/created-by", ""); break;
    case AT_WIRE: wire_key(&e, r); break;
    case AT_SCOPE: give(&e, r->scope, strlen(r->scope)); break;
    case AT_ROOK: rook_key(&e, r); break;
    case AT_TARGET: place_key(&e, r, r->name); break;
    case AT_PLACE: place_key(&e, r, r->scope); break;
    case AT_L3:
        agent_key(&e, r, "network:router_", "neutron-l3-agent");
        agent_key(&e, r, "network:router_gateway", "ovn-controller");
        break;
    case AT_CONTROL:
        if (link_is_place(r->kind) || strstr(row_column(r, "roles"), "control-plane") || strstr(row_column(r, "roles"), "master"))
            give(&e, "control plane", strlen("control plane"));
        break;
    case AT_TOKENS: {
        const char *type = r->flags & ROW_HEAD ? ostk_type_canonical(row_column(r, "type")) : "";
        formed_of(FORM_WHOLE, &e, *type && strcmp(type, "identity") != 0 ? "identity" : "", r);
        break;
    }
    case AT_FIXED: fixed_key(&e, r); break;
    case AT_PARENT: if (role && role->quorum) label_value(&e, r, "state.yaook.cloud/parent-name", r->scope); break;
    case AT_LEASED: formed_of(k->key->form, &e, strcmp(row_column(r, "dhcp"), "True") ? "" : row_column(r, "network-id"), r); break;
    case AT_NEEDS: needs_key(&e, r, role); break;
    case AT_DHCP: agent_key(&e, r, "network:dhcp", "neutron-dhcp-agent"); break;
    default: formed_of(k->key->form, &e, r->cell[k->col].s, r);
    }
}
