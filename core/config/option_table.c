/* Every option and every verb strata knows, as data. */
#include "core/config/option_table.h"

#include <string.h>

#define AT(member) offsetof(struct options, member)

const struct option_row option_rows[] = {
    {"kubeconfig", 0, "FILE", OPT_PATH, OPT_GLOBAL, AT(kubeconfig), "kubeconfig", NULL, NULL,
     "The kubeconfig file to use instead of those in KUBECONFIG or ~/.kube/config."},
    {"context", 0, "NAME", OPT_NAMES, OPT_GLOBAL | OPT_SOURCES, AT(contexts), "contexts", "the current context, unless --cloud names clouds only", NULL,
     "A kubeconfig context to show; may be repeated."},
    {"cloud", 0, "NAME", OPT_NAMES, OPT_GLOBAL | OPT_SOURCES, AT(clouds), "clouds", "the default cloud, unless --context names clusters only", NULL,
     "A cloud of clouds.yaml to show; may be repeated."},
    {"all", 0, NULL, OPT_FLAG, OPT_GLOBAL | OPT_SOURCES, AT(all), "all", NULL, NULL,
     "Takes every context of the kubeconfig and every cloud of clouds.yaml."},
    {"demo", 0, "[=SCENARIO]", OPT_TEXT, OPT_GLOBAL | OPT_SOURCES | OPT_MAYBE, AT(demo), NULL, NULL, NULL,
     "Starts a demo cloud on this machine and shows it; no cluster, account or network is needed. Scenarios: calm, self-healing, rolling-upgrade, node-failure, noisy-night."},
    {"demo-speed", 0, "N", OPT_TEXT, OPT_GLOBAL, AT(demo_speed), "demo-speed", "1, as in life", NULL, "How many times faster the machines of the demo cloud work."},
    {"demo-seed", 0, "N", OPT_INT, OPT_GLOBAL, AT(demo_seed), "demo-seed", NULL, NULL, "The same names and ids in the demo cloud every time."},
    {"no-hints", 0, NULL, OPT_FLAG, OPT_GLOBAL, AT(no_hints), "no-hints", NULL, NULL, "Suggests nothing to try in the demo cloud, and tells no story."},
    {"namespace", 'n', "NS[,NS...]", OPT_LIST, OPT_GLOBAL | OPT_SCOPE, AT(namespaces), "namespaces", "the context's namespace; the cockpit: all, where the context names none", NULL,
     "The namespaces to show."},
    {"all-namespaces", 'A', NULL, OPT_FLAG, OPT_GLOBAL | OPT_SCOPE, AT(all_namespaces), "all-namespaces", NULL, NULL,
     "Shows all namespaces."},
    {"view", 0, "KIND[,KIND...]", OPT_LIST, OPT_GLOBAL, AT(views), "views", "pods,os-services,server", NULL,
     "The panes of the deck, from left to right."},
    {"request-timeout", 0, "TIME", OPT_DURATION, OPT_GLOBAL, AT(request_timeout_s), "request-timeout", "30s for get and describe, 10s for verbs that look at all layers; else 30s or 60s a request", NULL,
     "A server that sends nothing for so long does not answer, and what it would tell is said to be unseen; a slow answer is waited for as long as bytes of it come."},
    {"read-only", 0, NULL, OPT_FLAG, OPT_GLOBAL, AT(read_only), "read-only", NULL, NULL,
     "Refuses every action that changes something, on every source."},
    {"theme", 0, "NAME", OPT_TEXT, OPT_GLOBAL, AT(theme), "theme", "dark", NULL, "The colour theme."},
    {"ascii", 0, NULL, OPT_FLAG, OPT_GLOBAL, AT(ascii), "ascii", NULL, NULL, "Draws with ASCII characters only."},
    {NULL, 0, NULL, OPT_FLAG, 0, AT(mouse), "mouse", "false", NULL, "Takes clicks and the wheel of the mouse."},
    {NULL, 0, NULL, OPT_FLAG, 0, AT(ticker), "ticker", "true", NULL, "Watches events for the line of news at the bottom."},
    {"config", 0, "FILE", OPT_PATH, OPT_GLOBAL, AT(config_file), NULL, "~/.config/strata/config.yaml", NULL,
     "The configuration file to read."},

    {"selector", 'l', "SELECTOR", OPT_TEXT, 0, AT(selector), NULL, NULL, NULL,
     "Only objects whose labels match, for example app=web,tier!=cache."},
    {"field-selector", 0, "SELECTOR", OPT_TEXT, 0, AT(fields), NULL, NULL, NULL,
     "Only objects whose fields match, as the server knows them, for example status.phase=Running,spec.nodeName!=n1."},
    {"filter", 0, "EXPR", OPT_TEXT, 0, AT(filter), NULL, NULL, NULL,
     "Only rows that match the filter, written as in the cockpit, for example restarts>5."},
    {"sort", 0, "COL", OPT_TEXT, 0, AT(sort), NULL, "the kind's own order", NULL,
     "Sorts by the column with this id; -COL sorts from the greatest to the least."},
    {"output", 'o', "FORMAT", OPT_TEXT, 0, AT(output), NULL, "table", "table|wide|json|yaml|name|cells|md|cast|dot",
     "How to print: json and yaml as the server sent it (of strata's own words where they are its own), cells one JSON object a line with the text of every column. "
     "With heal: json with every sample, md for a report, cast for an asciicast; else the timeline and the verdict."},
    {"watch", 'w', NULL, OPT_FLAG, 0, AT(watch), NULL, NULL, NULL, "Goes on printing rows as they change."},
    {"no-headers", 0, NULL, OPT_FLAG, 0, AT(no_headers), NULL, NULL, NULL, "Leaves the line of column titles out."},
    {"show-managed-fields", 0, NULL, OPT_FLAG, 0, AT(managed_fields), NULL, NULL, NULL,
     "Prints metadata.managedFields, too, with -o json and yaml."},
    {"follow", 'f', NULL, OPT_FLAG, 0, AT(follow), NULL, NULL, NULL, "Goes on printing as lines are written."},
    {"previous", 'p', NULL, OPT_FLAG, 0, AT(previous), NULL, NULL, NULL, "Shows the log of the container's previous run."},
    {"container", 'c', "NAME", OPT_TEXT, 0, AT(container), NULL, "the default container", NULL, "The container of the pod."},
    {"stdin", 'i', NULL, OPT_FLAG, 0, AT(interactive), NULL, NULL, NULL, "Passes the input on to the container."},
    {"address", 0, "IP", OPT_TEXT, 0, AT(address), NULL, "127.0.0.1", NULL, "The address of this machine to listen on."},
    {"tty", 't', NULL, OPT_FLAG, 0, AT(tty), NULL, NULL, NULL, "Makes a terminal for the command, joined to this one."},
    {"all-containers", 0, NULL, OPT_FLAG, 0, AT(all_containers), NULL, NULL, NULL, "Shows the logs of all containers."},
    {"tail", 0, "N", OPT_INT, 0, AT(tail), NULL, "-1, all; 10 with --selector", NULL, "Starts with the last N lines."},
    {"since", 0, "TIME", OPT_DURATION, 0, AT(since_s), NULL, NULL, NULL, "Only lines newer than this, for example 90s, 5m or 1h30m."},
    {"timestamps", 0, NULL, OPT_FLAG, 0, AT(timestamps), NULL, NULL, NULL, "Puts the time in front of each line."},
    {"grace-period", 0, "N", OPT_INT, 0, AT(grace_s), NULL, "-1, the object's own", NULL,
     "Seconds the object gets to end by itself."},
    {"force", 0, NULL, OPT_FLAG, 0, AT(force), NULL, NULL, NULL, "Takes over fields that belong to others. cp: writes over files that are there."},
    {"dry-run", 0, NULL, OPT_FLAG, 0, AT(dry_run), NULL, NULL, NULL, "Lets the server check the request but change nothing."},
    {"probe", 0, "SERVICE|URL", OPT_NAMES, 0, AT(probes), NULL, "auto", NULL,
     "What to ask all the time while the pod heals: an OpenStack service (compute, nova) or a URL; may be repeated. auto: the API that the pod's labels stand for, else keystone, of the cloud that is proved to be behind it."},
    {"vm", 0, "ADDRESS[:PORT]|NAME", OPT_TEXT, 0, AT(vm), NULL, NULL, NULL,
     "A server whose traffic is watched, too, by its address or its name: TCP connections to the port, or ICMP without one."},
    {"fit", 0, "NxFLAVOR", OPT_TEXT, 0, AT(fit), NULL, NULL, NULL, "Where so many servers of this flavor would fit, by Placement's allocation candidates: 3xm1.large; needs an admin."},
    {"timeout", 0, "TIME", OPT_DURATION, 0, AT(timeout_s), NULL, "heal: 2m and the pod's grace period; rollout: none", NULL,
     "Gives up when it took longer than this: not healed, not rolled out."},
    {"revision", 0, "N", OPT_INT, 0, AT(revision), NULL, NULL, NULL,
     "Of a history: prints the template of this revision; of a diff: compares it with the newest instead of the one before."},
    {"from", 0, "FILE", OPT_PATH, 0, AT(from), NULL, NULL, NULL,
     "Deletes nothing: prints the verdict of the runs in this file (of -o json) again, made anew from their samples."},
    {"repeat", 0, "N", OPT_INT, 0, AT(repeat), NULL, "1", NULL, "So many times in a row, then a comparison."},
    {"yes", 'y', NULL, OPT_FLAG, 0, AT(yes), NULL, NULL, NULL, "Does not ask before it acts. A protected source wants its name all the same: --confirm, or typed at a terminal."},
    {"confirm", 0, "NAME", OPT_TEXT, 0, AT(confirm), NULL, NULL, NULL,
     "With --yes, for scripts: what would have to be typed, as the question without --yes says it: the name of the protected source, with /NAME of a namespace, node, persistent volume or definition in it; of several dangerous ones how many they are."},

    {"max-objects", 0, "N", OPT_INT, 0, AT(max_objects), "max-objects", "50", NULL, "Refuses to act on more objects than this at once, what a drain moves or evicts counted; 0 is no limit. Where it is not given: more than 50 that were named or marked, more than 250 with what a drain moves or evicts."},
    {"at-once", 0, "N", OPT_INT, 0, AT(at_once), NULL, "4", NULL, "Acts on so many objects at a time."},
    {"resume", 0, "KEY", OPT_TEXT, 0, AT(resume), NULL, NULL, NULL, "Goes on with what is left of this operation; what may have been sent is looked at, never blindly sent again."},
    {"rollback", 0, "KEY", OPT_TEXT, 0, AT(rollback), NULL, NULL, NULL, "Takes back what this operation did; what others set since is named and wants --confirm."},
    {"give-up", 0, "KEY", OPT_TEXT, 0, AT(give_up), NULL, NULL, NULL, "Nobody goes on with this operation: written down as given up, with what was done; nothing is sent."},
    {"keep-going", 0, NULL, OPT_FLAG, 0, AT(keep_going), NULL, NULL, NULL, "Goes on with the others when one fails; a delete always does."},
    {"stop-after", 0, "N", OPT_INT, 0, AT(stop_after), NULL, "none", NULL, "Begins no more objects once so many have failed."},
    {"all-objects", 0, NULL, OPT_FLAG, 0, AT(all_objects), NULL, NULL, NULL, "All objects of the kind, in the chosen namespaces and sources (--all alone chooses every source)."},
    {"ignore-not-found", 0, NULL, OPT_FLAG, 0, AT(ignore_not_found), NULL, NULL, NULL, "A name that is not there is no error."},
    {"ignore-clusters", 0, NULL, OPT_FLAG, 0, AT(ignore_clusters), NULL, NULL, NULL,
     "Of a server or a bare machine: does not look in the contexts of the kubeconfig whether it is a node of a cluster, whose pods would go with it."},
    {"undo-on-failure", 0, NULL, OPT_FLAG, 0, AT(undo_on_failure), NULL, NULL, NULL, "Takes back what was done when it fails or is canceled, without another question."},

    {"filename", 0, "FILE", OPT_NAMES, 0, AT(filenames), NULL, NULL, NULL, "A file, a directory or - for the input; may be repeated."},
    {"recursive", 'R', NULL, OPT_FLAG, 0, AT(recursive), NULL, NULL, NULL, "Also the directories below a directory."},
    {"decode", 0, NULL, OPT_FLAG, 0, AT(decode), NULL, NULL, NULL, "Shows what a Secret holds as plain text in the editor."},

    {"help", 'h', NULL, OPT_FLAG, OPT_GLOBAL, AT(help), NULL, NULL, NULL, "Prints help and ends; after a verb, help for it."},
    {"version", 0, NULL, OPT_FLAG, OPT_GLOBAL, AT(version), NULL, NULL, NULL, "Prints the version and ends."},
    {"single-thread", 0, NULL, OPT_FLAG, OPT_GLOBAL | OPT_HIDDEN, AT(single_thread), NULL, NULL, NULL,
     "Runs the core on the main thread (tests)."},
};
const size_t option_count = sizeof option_rows / sizeof *option_rows;

static const char *const get_options[] = {"selector", "field-selector", "filter", "sort", "output", "watch", "no-headers", "show-managed-fields", NULL};
static const char *const logs_options[] = {"selector", "follow", "previous", "container", "all-containers", "tail", "since", "timestamps", NULL};
static const char *const heal_options[] = {"probe", "vm", "timeout", "repeat", "from", "grace-period", "dry-run", "yes", "confirm", "output", NULL};
static const char *const exec_options[] = {"container", "stdin", "tty", "confirm", NULL};
static const char *const cp_options[] = {"container", "force", "confirm", NULL};
static const char *const rollout_options[] = {"revision", "timeout", NULL};
static const char *const links_options[] = {"output", NULL};
static const char *const capacity_options[] = {"fit", "output", NULL};
static const char *const timeline_options[] = {"since", "output", NULL};
static const char *const audit_options[] = {"since", "output", NULL};
static const char *const ops_options[] = {"resume", "rollback", "give-up", "dry-run", "yes", "confirm", "output", NULL};
static const char *const forward_options[] = {"address", "confirm", NULL};
static const char *const edit_options[] = {"decode", "dry-run", "yes", "confirm", "output", NULL};
static const char *const apply_options[] = {"filename", "recursive", "force", "dry-run", "yes", "confirm", "output", "keep-going", "max-objects", NULL};
static const char *const no_options[] = {NULL};

static const char *const get_examples[] = {
    "strata get pods -A --filter 'restarts>5' # pods that restarted often, everywhere",
    "strata get server --cloud prod --sort -created -o wide # VMs, the newest first", NULL};
static const char *const describe_examples[] = {"strata describe pod web-0 -n shop # a pod and its events", NULL};
static const char *const logs_examples[] = {
    "strata logs -f --tail 20 deployment/web # all pods of a deployment, as they write",
    "strata logs -p web-0 -c app # what the crashed container said", NULL};
static const char *const console_examples[] = {"xdg-open $(strata server console-url web-1) # its screen in the browser", NULL};
static const char *const heal_examples[] = {
    "strata heal deployment/nova-api -n openstack --cloud prod # deletes its newest pod and proves what happened",
    "strata heal web-0 -n shop --vm 10.0.0.5:22 --yes -o md # with a VM's traffic, as a report", NULL};
static const char *const exec_examples[] = {
    "strata exec -it web-0 -n shop -- sh # a shell in the pod",
    "strata exec db-0 -c mariadb -- mysqladmin status # ends with the exit status of the command", NULL};
static const char *const forward_examples[] = {"strata port-forward svc/keystone-api 5000:80 -n openstack # 127.0.0.1:5000 leads to a pod of the service", NULL};
static const char *const attach_examples[] = {"strata attach -it web-0 -n shop # the terminal of its main process", NULL};
static const char *const cp_examples[] = {
    "strata cp openstack/nova-api-0:/etc/nova ./nova # a folder from a pod, in words of kubectl cp",
    "strata cp dump.sql db-0:/tmp/ -n shop -c mariadb # a file into a folder of the pod",
    "strata cp ./a:b web-0:/tmp/ # ./ or / in front: a colon in the name of a file here", NULL};
static const char *const rollout_examples[] = {
    "strata rollout status deployment/web -n shop # until it is done, with the reason why a pod is not ready",
    "strata rollout diff deployment/web -n shop # what the newest change changed", NULL};
static const char *const blast_examples[] = {
    "strata blast drain node compute-1 --all # who is touched, and by which chain",
    "strata blast drain node w1 --pod-selector app=web --delete-emptydir-data --all # as that drain would do it",
    "strata blast delete pod/db-0 pod/db-1 -n shop --all # of several, what is away together",
    "strata blast lose hypervisor cmp07 --all -o dot | dot -Tsvg # what if it dies, as a picture", NULL};
static const char *const stack_examples[] = {"strata stack --all # one row a service, red with its reason",
    "strata stack --cloud lab --context mgmt -o json # one cloud and the cluster that runs it, for programs", NULL};
static const char *const layers_examples[] = {"strata layers --all # the sandwich, derived", "strata layers --all -o dot | dot -Tsvg # a picture", NULL};
static const char *const why_examples[] = {
    "strata why --all # how many causes explain all that is red", "strata why pod web-0 -n shop --all # down to the server or the host that died", NULL};
static const char *const links_examples[] = {
    "strata links pod web-0 --all # the node, the server, the hypervisor below it, with the evidence",
    "strata links hypervisor cmp07 --all -o dot | dot -Tsvg # a picture", NULL};
static const char *const capacity_examples[] = {
    "strata capacity --all # clusters, nodes, hypervisors, projects: the pods' and the hypervisor's view of the same cores",
    "strata capacity --fit 3xm1.large --cloud prod # would three more fit, and where", NULL};
static const char *const timeline_examples[] = {
    "strata timeline pod web-0 --all # what happened to it, its node, the server below, the hypervisor",
    "strata timeline server web-1 --all --since 2h -o json # with the uncertainty of each time", NULL};
static const char *const completion_examples[] = {"source <(strata completion bash) # in ~/.bashrc", NULL};
static const char *const edit_examples[] = {"EDITOR=nano strata edit deployment web -n shop # asks with the plan before it sends", NULL};
static const char *const apply_examples[] = {"strata apply -f web.yaml -n shop --dry-run # what would differ, by the server's own trial",
                                                  "kustomize build . | strata apply -f - --yes # in order: namespaces, definitions, the rest", NULL};
static const char *const no_examples[] = {NULL};

static const char *const action_options[] = {"selector", "field-selector", "filter", "all-objects", "ignore-not-found", "dry-run", "yes", "confirm", "output", "at-once",
                                                    "keep-going", "stop-after", "undo-on-failure", "max-objects", "ignore-clusters", NULL};
const struct verb_row action_verb = {"an action", "KIND NAME... | KIND -l SELECTOR | KIND --all-objects", "Does something to objects and follows it to its end.", 1, -1, action_options, no_examples,
                                     "table|json"};

const struct verb_row verb_rows[] = {
    {"get", "KIND [NAME...]", "Prints the rows of a kind.", 1, -1, get_options, get_examples, "table|wide|json|yaml|name|cells"},
    {"describe", "KIND NAME...", "Prints objects in full, with their events.", 1, -1, no_options, describe_examples, NULL},
    {"logs", "POD | KIND/NAME | -l SELECTOR", "Prints logs of a pod, of all pods of a workload or of all that a selector names.", 0, 1, logs_options, logs_examples, NULL},
    {"console-url", "[server] NAME", "Prints the address of a server's screen; it lets in whoever has it, for a few minutes.", 1, 2, no_options, console_examples, NULL},
    {"heal", "POD | KIND/NAME | --from FILE", "Deletes a pod, watches it heal and proves what happened; ends with 0 when it healed.", 0, 1, heal_options,
     heal_examples, "table|json|md|cast"},
    {"exec", "POD | KIND/NAME [-c NAME] [-it] -- COMMAND...", "Runs a command in a container, of a workload or service in a ready pod of it; ends with its exit status.", 2, -1, exec_options, exec_examples, NULL},
    {"attach", "POD | KIND/NAME [-c NAME] [-it]", "Joins the main process of a container.", 1, 1, exec_options, attach_examples, NULL},
    {"cp", "[NS/]POD:PATH FILE | FILE [NS/]POD:PATH", "Copies a file or a folder from or to a container, with tar there; counts what went and writes over nothing unless --force.", 2, 2,
     cp_options, cp_examples, NULL},
    {"rollout", "status | history | diff | restart | undo | pause | resume KIND/NAME", "Follows the rollout of a Deployment, StatefulSet or DaemonSet to its end, shows its revisions, or does one of the actions of these names.", 2, 3,
     rollout_options, rollout_examples, NULL},
    {"port-forward", "POD | KIND/NAME [LOCAL:]REMOTE...", "Leads ports of this machine to a pod, until ctrl-c.", 2, -1, forward_options, forward_examples, NULL},
    {"edit", "KIND NAME...", "Opens objects in $VISUAL or $EDITOR, one after the other; what is saved is tried on the server, shown as a plan and asked about.", 1, -1, edit_options, edit_examples,
     "table|json"},
    {"apply", "[-f] FILE | DIR | -...", "Makes or changes what stands in files (server-side apply, field manager strata), after a trial on the server and a question.", 0, -1,
     apply_options, apply_examples, "table|json"},
    {"doctor", "", "Checks every configured cluster and cloud; a line for each check.", 0, 0, no_options, no_examples, NULL},
    {"blast", "ACTION KIND NAME... | KIND/NAME...", "Prints what an action on them together would take with it through all layers, with the options that the action takes; does nothing. Ends with 0 green, 7 yellow, 8 red.", 2, -1, links_options,
     blast_examples, "table|wide|json|dot"},
    {"layers", "", "Prints which cluster or cloud runs on which, derived from their rows, and how well each is; the uppermost first.", 0, 0, links_options,
     layers_examples, "table|json|dot"},
    {"links", "KIND NAME...", "Prints what objects hang on and what hangs on them, through all chosen clusters and clouds, with the evidence.", 2, -1, links_options,
     links_examples, "table|json|dot"},
    {"stack", "", "Prints the services of each cloud, one a line: API, workloads, agents, quorum, and why one of them is not well.", 0, 0, links_options,
     stack_examples, "table|json"},
    {"why", "[KIND NAME...]", "Prints why it is red: the chain down to what explains it, with the evidence. Without a name: what explains all that is red.", 0, -1, links_options,
     why_examples, "table|json|dot"},
    {"capacity", "[cluster | node | hypervisor | project]...", "Prints what clusters, nodes, hypervisors and projects have, what is asked of them and used, and what lies idle because its other half is full.",
     0, -1, capacity_options, capacity_examples, "table|json"},
    {"timeline", "KIND NAME...", "Prints what happened to objects and to what they hang on, in one order by this machine's clock: events, conditions, actions of servers, services, operations of the journal; each time with its uncertainty.",
     2, -1, timeline_options, timeline_examples, "table|json"},
    {"audit", "", "Prints the journal of changes: who did what where, and how it ended.", 0, 0, audit_options, no_examples, "table|json"},
    {"ops", "", "Lists operations that an earlier strata began and did not end, and what another one does now; goes on with one, takes it back, or gives it up.", 0, 0, ops_options, no_examples, "table|json"},
    {"completion", "bash | zsh | fish | contexts | clouds | themes", "Prints a completion script for the shell, or the names it offers.", 1, 1,
     no_options, completion_examples, NULL},
    {"version", "", "Prints the version.", 0, 0, no_options, no_examples, NULL},
    {"help", "[VERB]", "Prints help.", 0, 1, no_options, no_examples, NULL},
};
const size_t verb_count = sizeof verb_rows / sizeof *verb_rows;

const struct option_row *option_by_name(const char *name, size_t len)
{
    for (size_t i = 0; i < option_count; i++)
        if (option_rows[i].name && strlen(option_rows[i].name) == len && !memcmp(option_rows[i].name, name, len))
            return &option_rows[i];
    return NULL;
}

const struct option_row *option_by_letter(char letter)
{
    for (size_t i = 0; letter && i < option_count; i++)
        if (option_rows[i].letter == letter)
            return &option_rows[i];
    return NULL;
}

const struct option_row *option_by_key(const char *key)
{
    for (size_t i = 0; i < option_count; i++)
        if (option_rows[i].key && !strcmp(option_rows[i].key, key))
            return &option_rows[i];
    return NULL;
}

const struct verb_row *verb_by_name(const char *name)
{
    for (size_t i = 0; i < verb_count; i++)
        if (!strcmp(verb_rows[i].name, name))
            return &verb_rows[i];
    return NULL;
}

const char *option_choices(const struct option_row *row, const struct verb_row *verb)
{
    return verb && verb->outputs && row->name && !strcmp(row->name, "output") ? verb->outputs : row->choices;
}

const char *option_names(const struct option_row *row)
{
    static const char *const names[][2] = {{"context", "contexts"}, {"cloud", "clouds"}, {"theme", "themes"}};
    for (size_t i = 0; row->name && i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i][0], row->name))
            return names[i][1];
    return NULL;
}

bool verb_takes(const struct verb_row *verb, const struct option_row *row)
{
    if (row->flags & OPT_GLOBAL)
        return true;
    for (const char *const *p = verb ? verb->options : no_options; *p; p++)
        if (!strcmp(*p, row->name))
            return true;
    return false;
}

/* Edit distance with swapped neighbours as one step (optimal string alignment). */
static size_t distance(const char *a, const char *b)
{
    enum { MAX = 40 };
    size_t n = strlen(a), m = strlen(b), rows[3][MAX + 1];
    if (n > MAX || m > MAX)
        return MAX;
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= m; j++)
        before[j] = last[j] = j;
    for (size_t i = 1; i <= n; i++) {
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        size_t *spare = before;
        before = last, last = now, now = spare;
    }
    return last[m];
}

void nearest_try(struct nearest *n, const char *word, const char *candidate)
{
    size_t d = distance(word, candidate), len = strlen(word), limit = len < 3 ? 1 : len < 6 ? 2 : 3;
    if (len >= 3 && !strncmp(word, candidate, len))     /* the beginning of a name is near */
        d = 1;
    if (d <= limit && d < strlen(candidate) && (!n->best || d < n->distance)) {
        n->best = candidate;
        n->distance = d;
    }
}
