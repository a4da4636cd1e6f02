/* The file that is imported: mapped, cut at row boundaries. */
#include "cli/import/import.h"

#include "base/hash.h"
#include "cli/import/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool map_file(struct import_file *f, struct err *err) {
    int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would hold us up */
    if (fd < 0) return err_set(err, "%s: %s", f->path, strerror(errno));
    struct stat st;
    bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    if (!ok) {
        err_set(err, "%s: it is not a file", f->path);
    } else if (st.st_size == 0) {
        ok = err_set(err, "%s: it is empty", f->path);
    } else {
        size_t size = (size_t)st.st_size;
        void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        ok = map != MAP_FAILED || err_set(err, "%s: %s", f->path, strerror(errno));
        if (ok) f->bytes = (struct sori_str){map, size};
    }
    close(fd);
    return ok;
}

static bool ends_with(const char *name, const char *tail) {
    size_t n = strlen(name), m = strlen(tail);
    return n >= m && strcasecmp(name + n - m, tail) == 0;
}

static bool find_form(struct import_file *f, const char *format, struct err *err) {
    if (format) {
        f->csv = !strcmp(format, "csv");
        return f->csv || !strcmp(format, "jsonl") ||
               err_set(err, "--format: csv or jsonl was expected, not '%s'", format);
    }
    bool jsonl = ends_with(f->name, ".jsonl") || ends_with(f->name, ".ndjson");
    bool csv = ends_with(f->name, ".csv") || ends_with(f->name, ".tsv");
    f->csv = csv || (!jsonl && f->bytes.ptr[0] != '{');
    return true;
}

/* What offices save as a file of rows and is none. */
static bool is_text(const struct import_file *f, struct err *err) {
    static const struct {
        const char *head, *what, *do_;
        size_t len;
    } others[] = {
        {"\xff\xfe", "is written in UTF-16", "save it as \"CSV UTF-8\"", 2},
        {"\xfe\xff", "is written in UTF-16", "save it as \"CSV UTF-8\"", 2},
        {"\x1f\x8b", "is packed by gzip", "unpack it first with gunzip", 2},
        {"PK\x03\x04", "is a workbook or a zip file", "save it as \"CSV UTF-8\"", 4},
        {"\xd0\xcf\x11\xe0", "is an old workbook", "save it as \"CSV UTF-8\"", 4},
        {"%PDF", "is a PDF", "only rows of text can be imported", 4},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (f->bytes.len >= others[i].len &&
            memcmp(f->bytes.ptr, others[i].head, others[i].len) == 0)
            return err_set(err, "%s: it %s; %s", f->path, others[i].what, others[i].do_);
    size_t head = f->bytes.len < 4096 ? f->bytes.len : 4096, zeros = 0;
    for (size_t i = 0; i < head; i++) zeros += f->bytes.ptr[i] == 0;
    return zeros * 4 < head ||
           err_set(err,
                   "%s: it is UTF-16 without a mark, or no text at all; save it as \"CSV "
                   "UTF-8\"",
                   f->path);
}

/* Length of the shortest head of `rest` that holds a row; 0 where two chunks hold none. */
static size_t first_row(struct sori_str rest) {
    const size_t limit = 2 * (size_t)IMPORT_CHUNK;
    size_t without = 0, with = 256;
    for (;; with *= 2) {
        if (with > limit) with = limit;
        if (with > rest.len) with = rest.len;
        struct csv_cut cut = {.csv = true, .line = 1};
        if (csv_take(&cut, rest, with, with == rest.len) > 0) break;
        if (with == rest.len || with == limit) return 0;
        without = with;
    }
    while (with - without > 1) {
        size_t mid = without + (with - without) / 2;
        struct csv_cut cut = {.csv = true, .line = 1};
        if (csv_take(&cut, rest, mid, mid == rest.len) > 0)
            with = mid;
        else
            without = mid;
    }
    return with;
}

static bool take_header(struct import_file *f, struct err *err) {
    static const char bom[] = "\xef\xbb\xbf";
    f->body_line = 1;
    if (str_starts(f->bytes, str_c(bom))) f->body = 3;
    if (!f->csv) return true;
    struct sori_str rest = {f->bytes.ptr + f->body, f->bytes.len - f->body};
    struct csv_cut cut = {.csv = true, .line = 1};
    size_t head = first_row(rest), len = head ? csv_take(&cut, rest, head, head == rest.len) : 0;
    if (len == 0)
        return err_set(err,
                       "%s:1: the header row has no end within %d KiB; is a quote left open? Mend "
                       "the file and import it again",
                       f->path, 2 * IMPORT_CHUNK / 1024);
    f->body += len;
    f->body_line = cut.line;
    while (len > 0 && (rest.ptr[len - 1] == '\n' || rest.ptr[len - 1] == '\r')) len--;
    f->header = (struct sori_str){rest.ptr, len};
    return len > 0 || err_set(err, "%s:1: the header row is empty", f->path);
}

bool import_open(struct import_file *f, const char *path, const char *format, struct err *err) {
    const char *slash = strrchr(path, '/');
    *f = (struct import_file){
        .path = path, .name = slash ? slash + 1 : path, .map = f->map, .encoding = f->encoding};
    if (!map_file(f, err)) return false;
    if (is_text(f, err) && find_form(f, format, err) && take_header(f, err)) {
        hash_sha256_hex(f->bytes, f->sha);
        return true;
    }
    import_close(f);
    return false;
}

void import_close(struct import_file *f) {
    if (f->bytes.ptr) munmap((void *)(uintptr_t)f->bytes.ptr, f->bytes.len);
    f->bytes = (struct sori_str){0};
}

bool import_next(const struct import_file *f, size_t *at, int64_t *line, struct sori_str *rows,
                 struct err *err) {
    err->text[0] = 0;
    if (*at >= f->bytes.len) return false;
    struct sori_str rest = {f->bytes.ptr + *at, f->bytes.len - *at};
    struct csv_cut cut = {.csv = f->csv, .line = *line};
    size_t n = csv_take(&cut, rest, IMPORT_CHUNK, true);
    if (n == 0)
        return err_set(err,
                       "%s:%lld: this row is longer than %d KiB; is a quote left open? Mend the "
                       "file and import it again",
                       f->path, (long long)*line, IMPORT_CHUNK / 1024);
    *rows = (struct sori_str){rest.ptr, n};
    *at += n;
    *line = cut.line;
    return true;
}
