/*
 * Purpose:   the one sanitiser, display widths, and the ways a value becomes text.
 * Thread:    any (no state).
 * Ownership: results go into the caller's buffers.
 * Errors:    none; odd input becomes visible replacement characters.
 * Units:     width in terminal cells, lengths in bytes, times in ms since 1970 UTC.
 */
#ifndef STRATA_TEXT_H
#define STRATA_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/str.h"

/* text_clean flags */
#define TEXT_KEEP_NEWLINES 1u /* '\n' stays (and '\t' becomes spaces to the next multiple of 8) */

/* The sanitiser: every string of any API passes it before it reaches the screen, a file or a shell.
 * C0, DEL, C1, ESC sequences (whole), bidi controls, zero-width and other invisible format characters,
 * unassigned and private code points become U+FFFD or vanish (sequences); invalid UTF-8 becomes U+FFFD;
 * joiners stay between letters of scripts that spell with them and vanish between emoji;
 * '\n' '\r' '\t' become one space unless TEXT_KEEP_NEWLINES. Combining marks stay, at most 4 a base. */
void text_clean(struct str *out, const char *in, size_t len, unsigned flags);
char *text_take(struct str *raw);                /* what it holds, clean, moved out (mem_free); raw is released; NULL: out of memory */
bool text_is_clean(const char *in, size_t len);  /* fast: printable ASCII only? then clean is the identity */

/* A URL as it may be shown: clean, and without user and password. url NULL: "". Returns buf. */
const char *text_url(char *buf, size_t size, const char *url);

/* Width in cells of clean text; wide characters 2, combining 0. */
int text_width(const char *s, size_t len);

/* Next grapheme of clean text at s (len left): its bytes, and its width in *width. 0 at the end. */
size_t text_next(const char *s, size_t len, int *width);

/* Bytes of the longest prefix that fits in `cells`; *used = its width. */
size_t text_fit(const char *s, size_t len, int cells, int *used);

/* kubectl's HumanDuration: 5s, 4m10s, 3h20m, 5d, 2y120d; negative within 2 s = 0s, else "<invalid>". */
void text_age(char *buf, size_t size, int64_t seconds);
void text_bytes(char *buf, size_t size, int64_t bytes);      /* 512Mi, 1.5Gi */

/* RFC 3339 / ISO 8601 as Kubernetes and OpenStack write it ("2026-01-02T03:04:05Z", fractions,
 * "+01:00", and without a zone = UTC). false when it is not one. */
bool text_parse_time(const char *s, size_t len, int64_t *ms);
void text_format_time(char *buf, size_t size, int64_t ms);   /* 2026-01-02T03:04:05Z */

/* "90", "90s", "1h30m", "1.5h", "2d" in seconds, rounded up so that a short time does not become "no limit". */
bool text_parse_duration(const char *s, int64_t *seconds);
/* Kubernetes quantity ("100m", "1.5Gi", "2e3", "3") in thousandths. false when malformed. */
bool text_parse_quantity(const char *s, size_t len, int64_t *milli);

/* Did a user type this clean text? However composed ("é" or "e" and its mark); '?' for a U+FFFD, which no key makes. */
bool text_typed(const char *wanted, const char *typed);

/* An address of IPv6 in the one spelling of RFC 5952 ("::1" of "0:0:0:0:0:0:0:1"); false: it is none. Are both one address, or one text
 * but for its case? */
#define TEXT_ADDRESS 46
bool text_address(char buf[TEXT_ADDRESS], const char *s, size_t n);
bool text_same_address(const char *a, const char *b);

/* All letters of s large or small, each as one letter (a sharp s stays what it is, as in kubectl's titles). */
void text_case(struct str *s, bool upper);
/* Case-insensitive (ASCII and simple Unicode folding) substring search; NULL when absent. */
const char *text_casestr(const char *hay, size_t hay_len, const char *needle, size_t needle_len);

#endif
