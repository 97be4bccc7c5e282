/*
 * Purpose:   inside the filter language: a filter as it was read (filter_parse.c), for who matches with it (filter.c).
 * Thread:    any; one filter, one thread.
 * Ownership: filter_free.
 */
#ifndef STRATA_STORE_FILTER_PRIV_H
#define STRATA_STORE_FILTER_PRIV_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/store/selector.h"
#include "strata/filter.h"

#define MAX_TERMS 32
#define MAX_COLUMNS 64
#define MEMO 256              /* shared strings whose answer is remembered, a power of two */

enum op { OP_TEXT, OP_REGEX, OP_FUZZY, OP_SELECTOR, OP_HEALTH, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE };

struct term {
    enum op op;
    bool inverse;
    char *column;             /* NULL = any shown column */
    bool source;              /* column is the cluster or cloud the row comes from */
    char *text;               /* what to look for */
    size_t len;
    bool numeric_text;        /* only characters that can stand in a number or an age */
    char *whole;              /* the term as typed: same text, same meaning */
    pcre2_code *re;
    pcre2_match_data *match;
    struct selector *selector;
    double number;            /* comparisons */
    bool has_number, is_duration;
    /* caches, one thread at a time */
    const struct kind *kind;
    int col;
    const struct kind *any_kind;         /* whose columns are in any[] */
    uint8_t any[MAX_COLUMNS], n_any;     /* those that text anywhere can be in */
    struct { const char *s; bool hit; } memo[MEMO];
};

struct filter {
    struct term term[MAX_TERMS];
    size_t n;
    char *selector;
    const char *(*source_name)(const void *arg, uint16_t source);
    const void *source_arg;
};

int filter_column(const struct kind *k, const char *name);       /* "ns" is one, too; -1: there is none */

#endif
