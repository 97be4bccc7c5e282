/* Exec credential plugins, client.authentication.k8s.io/v1 and v1beta1: run without a terminal, output captured. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/json_read.h"
#include "core/kube/kube_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define EXEC_TIMEOUT_MS 60000
#define EXEC_MAX_OUT (1u << 20)    /* an ExecCredential is a few kB */
#define EXEC_MAX_ERR (64u << 10)
#define EXEC_V1 "client.authentication.k8s.io/v1"
#define EXEC_V1BETA1 "client.authentication.k8s.io/v1beta1"

extern char **environ;

void kube_cred_release(struct kube_cred *c)
{
    mem_free_secret(c->token);
    mem_free_secret(c->key);
    mem_free(c->cert);
    *c = (struct kube_cred){0};
}

/* ---- the reply ---- */

static bool get_text(const json_t *status, const char *key, char **out)
{
    const char *s = json_string_value(json_object_get(status, key));
    if (!s || !s[0])
        return true;
    *out = mem_strdup(s);
    return *out != NULL;
}

static enum err_code read_status(struct kube_cred *out, const json_t *status, const char *command, struct err *err)
{
    if (!json_is_object(status))
        return err_set(err, ERR_EXEC, 0, "credential plugin %s gave no status", command);
    if (!get_text(status, "token", &out->token) || !get_text(status, "clientCertificateData", &out->cert) ||
        !get_text(status, "clientKeyData", &out->key))
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    if (!out->cert != !out->key)
        return err_set(err, ERR_EXEC, 0, "credential plugin %s gave a client %s without its %s", command,
                       out->cert ? "certificate" : "key", out->cert ? "key" : "certificate");
    if (!out->token && !out->cert)
        return err_set(err, ERR_EXEC, 0, "credential plugin %s gave neither a token nor a client certificate", command);
    if (out->token && strpbrk(out->token, "\r\n"))
        return err_set(err, ERR_EXEC, 0, "credential plugin %s gave a token with a line break in it", command);
    const char *exp = json_string_value(json_object_get(status, "expirationTimestamp"));
    if (exp && exp[0] && !text_parse_time(exp, strlen(exp), &out->expires_ms))
        return err_set(err, ERR_EXEC, 0, "credential plugin %s gave an expirationTimestamp that is no time", command);
    int64_t cert_end;
    if (out->cert && kube_cert_expiry(out->cert, strlen(out->cert), &cert_end) &&
        (!out->expires_ms || cert_end < out->expires_ms))
        out->expires_ms = cert_end;
    return ERR_OK;
}

enum err_code kube_cred_parse(struct kube_cred *out, const char *text, size_t len, const char *api_version,
                              const char *command, struct err *err)
{
    *out = (struct kube_cred){0};
    json_t *doc = json_read(text, len, 0, NULL);
    const char *kind = json_string_value(json_object_get(doc, "kind"));
    const char *version = json_string_value(json_object_get(doc, "apiVersion"));
    enum err_code code;
    if (!doc)
        code = err_set(err, ERR_EXEC, 0, len ? "what credential plugin %s printed is not JSON"
                                             : "credential plugin %s printed nothing", command);
    else if (!kind || strcmp(kind, "ExecCredential") != 0)
        code = err_set(err, ERR_EXEC, 0, "what credential plugin %s printed is not an ExecCredential", command);
    else if (!version || strcmp(version, api_version) != 0)
        code = err_set(err, ERR_EXEC, 0, "credential plugin %s is configured for %s but answers in another version", command,
                       api_version);
    else
        code = read_status(out, json_object_get(doc, "status"), command, err);
    json_decref(doc);
    if (code != ERR_OK)
        kube_cred_release(out);
    return code;
}

/* ---- what the plugin gets ---- */

static char *exec_info(const struct kube_conf *conf)
{
    const struct kube_exec *x = conf->user.exec;
    const struct kube_cluster *k = &conf->cluster;
    struct str s;
    str_init(&s, 4u << 20);
    str_addf(&s, "{\"kind\":\"ExecCredential\",\"apiVersion\":");
    str_add_json(&s, x->api_version, strlen(x->api_version));
    str_adds(&s, ",\"spec\":{");
    if (x->provide_cluster_info) {
        str_adds(&s, "\"cluster\":{\"server\":");
        str_add_json(&s, k->server, strlen(k->server));
        if (k->tls_server_name) {
            str_adds(&s, ",\"tls-server-name\":");
            str_add_json(&s, k->tls_server_name, strlen(k->tls_server_name));
        }
        if (k->insecure)
            str_adds(&s, ",\"insecure-skip-tls-verify\":true");
        struct str pem;
        str_init(&pem, 1u << 20);
        if (k->ca_data)
            str_adds(&pem, k->ca_data);
        else if (k->ca_file)                       /* the plugin gets data in either case */
            kube_read_file(k->ca_file, &pem);
        if (pem.len) {
            static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            str_adds(&s, ",\"certificate-authority-data\":\"");
            for (size_t i = 0; i < pem.len; i += 3) {
                size_t left = pem.len - i;
                unsigned v = (unsigned char)pem.data[i] << 16u;
                v |= left > 1 ? (unsigned)(unsigned char)pem.data[i + 1] << 8 : 0;
                v |= left > 2 ? (unsigned char)pem.data[i + 2] : 0;
                str_addc(&s, abc[v >> 18 & 63]);
                str_addc(&s, abc[v >> 12 & 63]);
                str_addc(&s, left > 1 ? abc[v >> 6 & 63] : '=');
                str_addc(&s, left > 2 ? abc[v & 63] : '=');
            }
            str_addc(&s, '"');
        }
        str_release(&pem);
        if (k->proxy_url) {
            str_adds(&s, ",\"proxy-url\":");
            str_add_json(&s, k->proxy_url, strlen(k->proxy_url));
        }
        str_adds(&s, "},");
    }
    str_adds(&s, "\"interactive\":false}}");
    return str_take(&s);
}

static bool same_name(const char *entry, const char *name)
{
    size_t n = strlen(name);
    return strncmp(entry, name, n) == 0 && entry[n] == '=';
}

/* environ, with the user's additions and KUBERNETES_EXEC_INFO in place of entries of the same name. */
static char **make_env(const struct kube_conf *conf)
{
    const struct kube_exec *x = conf->user.exec;
    size_t n = 0, out = 0;
    while (environ[n])
        n++;
    char **env = mem_zalloc((n + x->nenv + 2) * sizeof *env);
    char *info = env ? exec_info(conf) : NULL;
    if (!info) {
        mem_free(env);
        return NULL;
    }
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        bool replaced = same_name(environ[i], "KUBERNETES_EXEC_INFO");
        for (size_t j = 0; j < x->nenv && !replaced; j++)
            replaced = same_name(environ[i], x->env_names[j]);
        if (!replaced)
            ok &= (env[out++] = mem_strdup(environ[i])) != NULL;
    }
    struct str s;
    str_init(&s, 0);
    for (size_t j = 0; j < x->nenv; j++) {
        str_clear(&s);
        str_addf(&s, "%s=%s", x->env_names[j], x->env_values[j] ? x->env_values[j] : "");
        ok &= (env[out++] = str_take(&s)) != NULL;
    }
    str_clear(&s);
    str_addf(&s, "KUBERNETES_EXEC_INFO=%s", info);
    ok &= (env[out++] = str_take(&s)) != NULL;
    str_release(&s);
    mem_free(info);
    if (!ok) {
        for (size_t i = 0; i < out; i++)
            mem_free(env[i]);
        mem_free(env);
        return NULL;
    }
    return env;
}

static char **make_argv(const struct kube_exec *x)
{
    char **argv = mem_zalloc((x->nargs + 2) * sizeof *argv);
    if (!argv)
        return NULL;
    struct str cmd;
    str_init(&cmd, 64u << 10);
    /* like client-go: a relative path (not a bare name) is meant from the kubeconfig's directory */
    if (x->command[0] != '/' && strchr(x->command, '/') && x->dir && x->dir[0])
        str_addf(&cmd, "%s/", x->dir);
    str_adds(&cmd, x->command);
    argv[0] = str_take(&cmd);
    str_release(&cmd);
    if (!argv[0]) {
        mem_free(argv);
        return NULL;
    }
    for (size_t i = 0; i < x->nargs; i++)
        argv[i + 1] = x->args[i];                 /* borrowed */
    return argv;
}

/* ---- the process ---- */

struct child { pid_t pid; int out, err; };

/* In the child, between fork and exec of a process with threads: nothing but what is safe in a signal handler. */
static _Noreturn void child_main(char **argv, char **env, int out, int er, int tell, pid_t parent)
{
    static const int reset[] = {SIGPIPE, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGTERM, SIGWINCH, SIGCHLD};
    sigset_t none;
    int null = open("/dev/null", O_RDONLY);
    /* It goes when we go, however we are killed. The thread that forks waits for it, so "parent" means all of us. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    /* a session of its own: no controlling terminal, so it cannot write to the screen even through /dev/tty */
    setsid();
    for (size_t i = 0; i < sizeof reset / sizeof *reset; i++)
        signal(reset[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (null >= 0 && dup2(null, 0) == 0 && dup2(out, 1) == 1 && dup2(er, 2) == 2 && dup2(tell, 3) == 3 &&
        fcntl(3, F_SETFD, FD_CLOEXEC) == 0 && close_range(4, ~0U, 0) == 0)
        execvpe(argv[0], argv, env);
    int why = errno;
    (void)!write(3, &why, sizeof why);
    _exit(127);
}

/* Pipes that are none of the numbers the child's own descriptors get. */
static bool high_pipe(int fd[2])
{
    int low[2];
    if (pipe2(low, O_CLOEXEC) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        fd[i] = low[i] > 3 ? low[i] : fcntl(low[i], F_DUPFD_CLOEXEC, 4);
        if (fd[i] != low[i])
            close(low[i]);
    }
    return fd[0] >= 0 && fd[1] >= 0;
}

static void close_all(int *fd, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fd[i] >= 0)
            close(fd[i]);
}

/* 0, or the errno of what went wrong, exec included. */
static int spawn_child(struct child *c, char **argv, char **env)
{
    int fd[6] = {-1, -1, -1, -1, -1, -1}, rc = 0;      /* its output, its errors, how exec went */
    if (!high_pipe(&fd[0]) || !high_pipe(&fd[2]) || !high_pipe(&fd[4])) {
        rc = errno ? errno : EMFILE;
        close_all(fd, 6);
        return rc;
    }
    pid_t parent = getpid();
    c->pid = fork();
    if (c->pid == 0)
        child_main(argv, env, fd[1], fd[3], fd[5], parent);
    if (c->pid < 0)
        rc = errno ? errno : EAGAIN;
    close_all((int[]){fd[1], fd[3], fd[5]}, 3);
    while (c->pid > 0 && read(fd[4], &rc, sizeof rc) < 0 && errno == EINTR)
        ;
    close(fd[4]);
    if (rc == 0) {
        c->out = fd[0];
        c->err = fd[2];
        return 0;
    }
    while (c->pid > 0 && waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close_all((int[]){fd[0], fd[2]}, 2);
    return rc;
}

/* Reads what is there. false at the end of the stream. Keeps the head of stdout, the tail of stderr. */
static bool drain(int fd, struct str *s, bool tail)
{
    char buf[8192];
    ssize_t n = read(fd, buf, sizeof buf);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    if (n == 0)
        return false;
    if (tail && s->len > EXEC_MAX_ERR / 2)
        str_cut(s, s->len - EXEC_MAX_ERR / 4);
    str_add(s, buf, (size_t)n);
    return true;
}

enum run_end { RUN_EXITED, RUN_CANCELED, RUN_TIMEOUT, RUN_TOOBIG };

/* Until both pipes are closed and the child has ended. The whole process group is killed on any other end. */
static enum run_end watch_child(struct child *c, int cancel_fd, int timeout_ms, struct str *out, struct str *er, int *status)
{
    struct pollfd p[3] = {{c->out, POLLIN, 0}, {c->err, POLLIN, 0}, {cancel_fd, POLLIN, 0}};
    int64_t end = clock_mono_ms() + timeout_ms;
    enum run_end how = RUN_EXITED;
    while (p[0].fd >= 0 || p[1].fd >= 0) {
        int64_t left = end - clock_mono_ms();
        int n = left > 0 ? poll(p, 3, (int)left) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            how = RUN_TIMEOUT;
        else if (p[2].revents)
            how = RUN_CANCELED;
        if (how != RUN_EXITED)
            break;
        if (p[0].revents && !drain(c->out, out, false))
            p[0].fd = -1;
        if (p[1].revents && !drain(c->err, er, true))
            p[1].fd = -1;
        if (out->failed) {
            how = RUN_TOOBIG;
            break;
        }
    }
    if (how != RUN_EXITED)
        kill(-c->pid, SIGKILL);
    close(c->out);
    close(c->err);
    /* It closed its output: a child that then does not end is not waited for longer than the rest of its time. */
    for (;;) {
        pid_t r = waitpid(c->pid, status, how == RUN_EXITED ? WNOHANG : 0);
        if (r == c->pid || (r < 0 && errno != EINTR))
            return how;
        if (r == 0 && (poll(&p[2], 1, 10) > 0 || clock_mono_ms() >= end)) {
            how = RUN_TIMEOUT;
            kill(-c->pid, SIGKILL);
        }
    }
}

/* The last words on stderr, clean, in one line of at most about 180 bytes. */
static void last_words(struct str *out, const struct str *er)
{
    size_t len = er->len, start;
    while (len && (er->data[len - 1] == '\n' || er->data[len - 1] == '\r' || er->data[len - 1] == ' '))
        len--;
    start = len > 180 ? len - 180 : 0;
    if (start) {
        const char *nl = memchr(er->data + start, '\n', len - start);
        if (nl)
            start = (size_t)(nl + 1 - er->data);
    }
    text_clean(out, er->data + start, len - start, 0);
}

static enum err_code spawn_failed(const struct kube_exec *x, const char *command, int rc, struct err *err)
{
    struct str hint;
    str_init(&hint, 1u << 16);
    if (x->install_hint)
        text_clean(&hint, x->install_hint, strlen(x->install_hint), 0);
    if (rc == ENOENT)
        err_set(err, ERR_EXEC, rc, "credential plugin %s is not installed%s%s", command, hint.len ? ": " : " or not in PATH",
                hint.data);
    else
        err_set(err, ERR_EXEC, rc, "credential plugin %s cannot be started: %s", command, strerror(rc));
    str_release(&hint);
    return ERR_EXEC;
}

static enum err_code judge(enum run_end how, int status, const char *command, const struct str *er, int timeout_ms,
                           struct err *err)
{
    struct str words;
    str_init(&words, 1u << 16);
    last_words(&words, er);
    const char *sep = words.len ? ": " : "";
    enum err_code code = ERR_OK;
    if (how == RUN_CANCELED)
        code = err_set(err, ERR_CANCELED, 0, "canceled");
    else if (how == RUN_TIMEOUT)
        code = err_set(err, ERR_EXEC, 0, "credential plugin %s did not end within %d s%s%s", command, timeout_ms / 1000, sep,
                       words.data);
    else if (how == RUN_TOOBIG)
        code = err_set(err, ERR_EXEC, 0, "credential plugin %s printed more than 1 MiB", command);
    else if (WIFSIGNALED(status))
        code = err_set(err, ERR_EXEC, 0, "credential plugin %s was killed by signal %d%s%s", command, WTERMSIG(status), sep,
                       words.data);
    else if (WEXITSTATUS(status) != 0)
        code = err_set(err, ERR_EXEC, WEXITSTATUS(status), "credential plugin %s failed (exit %d)%s%s", command,
                       WEXITSTATUS(status), sep, words.data);
    str_release(&words);
    return code;
}

static enum err_code run_plugin(const struct kube_exec *x, char **argv, char **env, const char *command, int cancel_fd,
                                int timeout_ms, struct kube_cred *cred, struct err *err)
{
    struct child c = {.pid = -1, .out = -1, .err = -1};
    int rc = spawn_child(&c, argv, env);
    if (rc != 0)
        return spawn_failed(x, command, rc, err);
    struct str out, er;
    int status = 0;
    str_init(&out, EXEC_MAX_OUT);
    str_init(&er, EXEC_MAX_ERR);
    enum run_end how = watch_child(&c, cancel_fd, timeout_ms, &out, &er, &status);
    enum err_code code = judge(how, status, command, &er, timeout_ms, err);
    if (code == ERR_OK)
        code = kube_cred_parse(cred, out.data, out.len, x->api_version, command, err);
    memset(out.data, 0, out.len);
    str_release(&out);
    str_release(&er);
    return code;
}

enum err_code kube_exec_now(const struct kube_conf *conf, int cancel_fd, int timeout_ms, struct kube_cred *cred,
                            struct err *err)
{
    const struct kube_exec *x = conf->user.exec;
    struct str command;
    *cred = (struct kube_cred){0};
    str_init(&command, 1u << 16);
    text_clean(&command, x->command, strlen(x->command), 0);
    char **argv = NULL, **env = NULL;
    enum err_code code;
    if (strcmp(x->api_version, EXEC_V1) != 0 && strcmp(x->api_version, EXEC_V1BETA1) != 0) {
        code = err_set(err, ERR_CONFIG, 0, "credential plugin %s: only the API versions v1 and v1beta1 are supported",
                       command.data);
    } else if (x->interactive == EXEC_ALWAYS) {
        code = err_set(err, ERR_EXEC, 0, "credential plugin %s wants a terminal (interactiveMode: Always), which strata "
                       "does not give: log in with it in a shell first and set IfAvailable", command.data);
    } else if (!(argv = make_argv(x)) || !(env = make_env(conf))) {
        code = err_set(err, ERR_NOMEM, 0, "out of memory");
    } else {
        code = run_plugin(x, argv, env, command.data, cancel_fd, timeout_ms, cred, err);
    }
    for (size_t i = 0; env && env[i]; i++)
        mem_free(env[i]);
    mem_free(env);
    if (argv)
        mem_free(argv[0]);
    mem_free(argv);
    str_release(&command);
    return code;
}

/* ---- on a worker ---- */

struct kube_exec_run {
    struct kube_conf *conf;            /* shared: the run may outlive the source */
    int cancel_fd;
    struct kube_cred cred;
    struct err err;
    void (*done)(void *arg, struct kube_cred *cred, const struct err *err);
    void *arg;
};

static void exec_work(void *arg)
{
    struct kube_exec_run *r = arg;
    kube_exec_now(r->conf, r->cancel_fd, EXEC_TIMEOUT_MS, &r->cred, &r->err);
}

static void exec_free(struct kube_exec_run *r)
{
    kube_cred_release(&r->cred);
    kube_conf_unref(r->conf);
    close(r->cancel_fd);
    mem_free(r);
}

static void exec_done(void *arg)
{
    struct kube_exec_run *r = arg;
    if (r->done)
        r->done(r->arg, &r->cred, &r->err);
    exec_free(r);
}

struct kube_exec_run *kube_exec_start(struct net *n, struct kube_conf *conf,
                                      void (*done)(void *arg, struct kube_cred *cred, const struct err *err), void *arg,
                                      struct err *err)
{
    struct kube_exec_run *r = mem_zalloc(sizeof *r);
    if (!r) {
        err_set(err, ERR_NOMEM, 0, "out of memory");
        return NULL;
    }
    r->cancel_fd = eventfd(0, EFD_CLOEXEC);
    if (r->cancel_fd < 0) {
        err_set(err, ERR_IO, errno, "cannot run the credential plugin: %s", strerror(errno));
        mem_free(r);
        return NULL;
    }
    r->conf = kube_conf_ref(conf);
    r->done = done;
    r->arg = arg;
    if (!net_work_long(n, exec_work, exec_done, r)) {
        err_set(err, ERR_NOMEM, 0, "out of memory");
        exec_free(r);
        return NULL;
    }
    return r;
}

void kube_exec_cancel(struct kube_exec_run *r)
{
    uint64_t one = 1;
    r->done = NULL;
    if (write(r->cancel_fd, &one, sizeof one) < 0) {
        /* an eventfd at zero takes a one */
    }
}
