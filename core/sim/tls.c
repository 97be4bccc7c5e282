/* A certificate authority for one run and a certificate for 127.0.0.1 and localhost, made with GnuTLS. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "core/sim/sim.h"

static gnutls_x509_privkey_t new_key(void)
{
    gnutls_x509_privkey_t key = NULL;
    if (gnutls_x509_privkey_init(&key) < 0)
        return NULL;
    if (gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) < 0) {
        gnutls_x509_privkey_deinit(key);
        return NULL;
    }
    return key;
}

static gnutls_x509_crt_t new_cert(struct world *w, const char *name, gnutls_x509_privkey_t key)
{
    gnutls_x509_crt_t crt = NULL;
    uint64_t serial = (sim_rand(w->mgmt) & ~(uint64_t)0x80) | 0x40;   /* big endian: the first byte must not look negative */
    time_t now = time(NULL);
    if (gnutls_x509_crt_init(&crt) < 0)
        return NULL;
    gnutls_x509_crt_set_version(crt, 3);
    gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name));
    gnutls_x509_crt_set_serial(crt, &serial, sizeof(serial));
    gnutls_x509_crt_set_activation_time(crt, now - 3600);
    gnutls_x509_crt_set_expiration_time(crt, now + 7 * 86400);
    gnutls_x509_crt_set_key(crt, key);
    return crt;
}

static char *cert_pem(gnutls_x509_crt_t crt)
{
    gnutls_datum_t out = {0};
    char *pem = NULL;
    if (gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &out) >= 0) {
        pem = sim_strdup((char *)out.data);
        gnutls_free(out.data);
    }
    return pem;
}

bool tls_make(struct world *w)
{
    static const unsigned char v4[4] = {127, 0, 0, 1};
    gnutls_x509_privkey_t ca_key = new_key(), key = new_key();
    gnutls_x509_crt_t ca = ca_key ? new_cert(w, "strata-sim throwaway CA", ca_key) : NULL;
    gnutls_x509_crt_t crt = key ? new_cert(w, "kube-apiserver", key) : NULL;
    gnutls_datum_t out = {0};
    bool ok = ca && crt;
    if (ok) {
        gnutls_x509_crt_set_ca_status(ca, 1);
        gnutls_x509_crt_set_key_usage(ca, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_DIGITAL_SIGNATURE);
        gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT);
        gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
        gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, v4, sizeof(v4), GNUTLS_FSAN_SET);
        gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, "localhost", 9, GNUTLS_FSAN_APPEND);
        ok = gnutls_x509_crt_sign2(ca, ca, ca_key, GNUTLS_DIG_SHA256, 0) >= 0 &&
             gnutls_x509_crt_sign2(crt, ca, ca_key, GNUTLS_DIG_SHA256, 0) >= 0 &&
             gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &out) >= 0;
    }
    if (ok) {
        w->key_pem = sim_strdup((char *)out.data);
        w->cert_pem = cert_pem(crt);
        w->ca_pem = cert_pem(ca);
        gnutls_free(out.data);
        ok = w->cert_pem && w->ca_pem;
    }
    gnutls_x509_crt_deinit(ca);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(ca_key);
    gnutls_x509_privkey_deinit(key);
    return ok;
}
