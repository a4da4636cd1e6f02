/* uses: sori_store sori_base PkgConfig::SQLITE */
/* What a dying process, a bad disk and a full one do to the store: a commit is there whole or not
 * at all, and after a failure nothing more is accepted. */
#include "test_store_util.h"

#include <sqlite3.h>

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

/* ---- a VFS that fails: the default one with a counter before each call that writes ---- */
static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    sqlite3_io_methods methods;
    int left;     /* calls that still work; -1: all */
    int code;     /* what the next one says */
    bool forever; /* and all after it */
    bool hit;
} fault = {.left = -1};

struct file {
    sqlite3_file base;
    sqlite3_file *real;
};
static sqlite3_file *real_of(sqlite3_file *f) { return ((struct file *)f)->real; }

static bool fails(void) {
    if (fault.left < 0) return false;
    if (fault.left-- > 0) return false;
    fault.hit = true;
    fault.left = fault.forever ? 0 : -1;
    return true;
}
static int f_close(sqlite3_file *f) {
    int rc = real_of(f)->pMethods ? real_of(f)->pMethods->xClose(real_of(f)) : SQLITE_OK;
    sqlite3_free(real_of(f));
    return rc;
}
static int f_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at) {
    return real_of(f)->pMethods->xRead(real_of(f), to, n, at);
}
static int f_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at) {
    if (!fails()) return real_of(f)->pMethods->xWrite(real_of(f), from, n, at);
    /* Half of it lands. */
    real_of(f)->pMethods->xWrite(real_of(f), from, n / 2, at);
    return fault.code;
}
static int f_truncate(sqlite3_file *f, sqlite3_int64 size) {
    return real_of(f)->pMethods->xTruncate(real_of(f), size);
}
static int f_sync(sqlite3_file *f, int flags) {
    if (fails()) return fault.code == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_FSYNC;
    return real_of(f)->pMethods->xSync(real_of(f), flags);
}
static int f_size(sqlite3_file *f, sqlite3_int64 *size) {
    return real_of(f)->pMethods->xFileSize(real_of(f), size);
}
static int f_lock(sqlite3_file *f, int how) { return real_of(f)->pMethods->xLock(real_of(f), how); }
static int f_unlock(sqlite3_file *f, int how) {
    return real_of(f)->pMethods->xUnlock(real_of(f), how);
}
static int f_reserved(sqlite3_file *f, int *out) {
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}
static int f_control(sqlite3_file *f, int op, void *arg) {
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}
static int f_sector(sqlite3_file *f) { return real_of(f)->pMethods->xSectorSize(real_of(f)); }
static int f_device(sqlite3_file *f) {
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}
static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **to) {
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, to);
}
static int f_shm_lock(sqlite3_file *f, int at, int n, int flags) {
    return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
}
static void f_shm_barrier(sqlite3_file *f) { real_of(f)->pMethods->xShmBarrier(real_of(f)); }
static int f_shm_unmap(sqlite3_file *f, int erase) {
    return real_of(f)->pMethods->xShmUnmap(real_of(f), erase);
}

static int v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out) {
    (void)vfs;
    struct file *file = (struct file *)f;
    f->pMethods = NULL;
    file->real = sqlite3_malloc(fault.real->szOsFile);
    memset(file->real, 0, (size_t)fault.real->szOsFile);
    int rc = fault.real->xOpen(fault.real, name, file->real, flags, out);
    if (rc == SQLITE_OK)
        f->pMethods = &fault.methods;
    else
        sqlite3_free(file->real);
    return rc;
}

static void install_faults(void) {
    fault.real = sqlite3_vfs_find(NULL);
    fault.vfs = *fault.real;
    fault.vfs.zName = "faulty";
    fault.vfs.pNext = NULL;
    fault.vfs.szOsFile = sizeof(struct file);
    fault.vfs.xOpen = v_open;
    fault.methods = (sqlite3_io_methods){
        .iVersion = 2,
        .xClose = f_close,
        .xRead = f_read,
        .xWrite = f_write,
        .xTruncate = f_truncate,
        .xSync = f_sync,
        .xFileSize = f_size,
        .xLock = f_lock,
        .xUnlock = f_unlock,
        .xCheckReservedLock = f_reserved,
        .xFileControl = f_control,
        .xSectorSize = f_sector,
        .xDeviceCharacteristics = f_device,
        .xShmMap = f_shm_map,
        .xShmLock = f_shm_lock,
        .xShmBarrier = f_shm_barrier,
        .xShmUnmap = f_shm_unmap,
    };
    assert_int_equal(sqlite3_vfs_register(&fault.vfs, 1), SQLITE_OK);
}

/* ---- a commit that shows whether it is whole ---- */
enum { PER = 10 };

static bool commit_round(struct fixture *f, int64_t n) {
    struct store_batch *b = &f->b;
    static char native[PER][24];
    if (n == 1) {
        *store_add_space(b) = (struct row_space){1, str_c("x")};
        *store_add_connection(b) =
            (struct row_connection){.id = 1, .name = str_c("x"), .plugin = str_c("x")};
        *store_add_contact(b) = (struct row_contact){.id = 1, .version = 1};
    }
    for (int64_t k = 0; k < PER; k++) {
        int64_t id = (n - 1) * PER + k + 1;
        snprintf(native[k], sizeof native[k], "%lld", (long long)id * 37);
        struct row_interaction *i = add_interaction(b, id, native[k]);
        i->connection = 1, i->said = i->last = id;
        add_journal(b, id, ENTRY_SAID, id, "배송이 아직 안 왔어요");
        add_decision(b, id, TONE_NEGATIVE);
        add_action(b, id, id, 0, ACTION_READY)->seq = id;
        *store_add_reaction(b) = (struct row_reaction){
            .target = id, .actor = str_c("u"), .class = str_c("like"), .value = 1};
        *store_add_add_tally(b) = (struct add_tally){id, str_c("like"), 0, 0, 1};
    }
    return commit(f);
}

/* How many rounds are there; every one must be whole. */
static int64_t rounds_of(struct store *s) {
    struct store_ids ids = store_ids(s);
    assert_int_equal(ids.seq % PER, 0);
    assert_int_equal(ids.interaction, ids.seq);
    assert_int_equal(ids.action, ids.seq);
    struct row_decision d;
    for (int64_t seq = 1; seq <= ids.seq; seq++) {
        assert_true(store_decision(s, seq, &d));
        assert_int_equal(store_count(s, seq, str_c("like")), 1);
    }
    return ids.seq / PER;
}

static void expect_sound(const char *path) {
    struct buf findings = {0};
    struct err err = {{0}};
    if (!store_check(path, &findings, &err))
        fail_msg("%s %s", err.text, findings.data ? findings.data : "");
    buf_free(&findings);
}

static void reopen(struct fixture *f) {
    f->s = store_open(f->dir, &f->err);
    if (!f->s) fail_msg("%s", f->err.text);
}

/* ---- kill -9 ---- */
static _Noreturn void commit_for_ever(struct fixture *f, int out) {
    f->s = store_open(f->dir, &f->err);
    if (!f->s) _exit(2);
    for (int64_t n = store_ids(f->s).seq / PER + 1;; n++) {
        if (!commit_round(f, n)) _exit(3);
        if (write(out, &n, sizeof n) != sizeof n) _exit(4);
        if (n % 20 == 0) store_tidy(f->s);
    }
}

static void killed_anywhere_it_is_all_or_nothing(void **state) {
    struct fixture *f = *state;
    store_close(f->s); /* no connection is carried over a fork */
    f->s = NULL;
    unsigned seed = (unsigned)time(NULL);
    int64_t last = 0;
    for (int kill_n = 0; kill_n < 25; kill_n++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            close(ends[0]);
            commit_for_ever(f, ends[1]);
        }
        close(ends[1]);
        int64_t told = last, n;
        assert_int_equal(read(ends[0], &n, sizeof n), (ssize_t)sizeof n);
        told = n;
        seed = seed * 1103515245 + 12345;
        usleep(seed / 65536 % 8000);
        kill(pid, SIGKILL);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        while (read(ends[0], &n, sizeof n) == (ssize_t)sizeof n) told = n;
        close(ends[0]);
        reopen(f);
        int64_t there = rounds_of(f->s);
        assert_true(there == told || there == told + 1); /* what was told is there */
        last = there;
        store_close(f->s);
        f->s = NULL;
    }
    assert_true(last >= 25);
    print_message("%lld commits outlived 25 kills\n", (long long)last);
    expect_sound(f->path);
    reopen(f);
}

/* ---- errors of the disk ---- */
static void fail_every_call(struct fixture *f, int code, bool forever) {
    int hits = 0;
    for (int n = 0;; n++) {
        int64_t before = rounds_of(f->s);
        fault.left = n, fault.code = code, fault.forever = forever, fault.hit = false;
        bool ok = commit_round(f, before + 1);
        bool hit = fault.hit;
        if (!hit) {
            assert_true(ok);
            break;
        }
        hits++;
        assert_false(ok);
        assert_non_null(store_dead(f->s));
        assert_non_null(strstr(f->err.text, f->path)); /* where */
        if (code == SQLITE_FULL) assert_non_null(strstr(f->err.text, "make room"));
        /* Dead is dead, even when the disk works again. */
        fault.left = -1;
        assert_false(commit_round(f, before + 2));
        assert_non_null(strstr(f->err.text, "has stopped"));
        struct store_head h;
        assert_false(store_head(f->s, 1, &h));
        store_close(f->s);
        reopen(f);
        int64_t there = rounds_of(f->s);
        assert_true(there == before || there == before + 1);
        expect_sound(f->path);
    }
    fault.left = -1;
    assert_true(hits >= 2); /* at least a write and a sync have failed */
}

static void a_failed_write_or_sync_ends_the_store(void **state) {
    struct fixture *f = *state;
    if (!commit_round(f, 1)) fail_msg("%s", f->err.text);
    fail_every_call(f, SQLITE_IOERR_WRITE, false);
}

static void a_full_disk_ends_the_store(void **state) {
    struct fixture *f = *state;
    if (!commit_round(f, 1)) fail_msg("%s", f->err.text);
    fail_every_call(f, SQLITE_FULL, true);
}

static void a_failed_checkpoint_ends_the_store(void **state) {
    struct fixture *f = *state;
    static char big[4000];
    memset(big, 'x', sizeof big);
    for (int64_t n = 0; n < 11; n++) {
        for (int64_t k = 1; k <= 1000; k++)
            add_journal(&f->b, n * 1000 + k, ENTRY_HUMAN, 0, "")->text =
                (struct sori_str){big, sizeof big};
        must_commit(f);
    }
    fault.left = 3, fault.code = SQLITE_IOERR_WRITE, fault.forever = false;
    store_tidy(f->s);
    assert_true(fault.hit);
    assert_non_null(store_dead(f->s));
    fault.left = -1;
    assert_false(commit(f));
    store_close(f->s);
    reopen(f);
    assert_int_equal(store_ids(f->s).seq, 11000);
    expect_sound(f->path);
}

static void a_backup_that_fails_leaves_nothing(void **state) {
    struct fixture *f = *state;
    char to[96];
    snprintf(to, sizeof to, "%s/backup", f->dir);
    if (!commit_round(f, 1)) fail_msg("%s", f->err.text);
    fault.left = 5, fault.code = SQLITE_FULL, fault.forever = true, fault.hit = false;
    assert_false(store_backup(f->s, to, &f->err));
    fault.left = -1;
    assert_true(fault.hit);
    assert_non_null(strstr(f->err.text, "make room"));
    assert_int_not_equal(access(to, F_OK), 0);
    /* That was the copy's disk: the store itself lives. */
    assert_null(store_dead(f->s));
    assert_true(commit_round(f, 2));
    assert_true(store_backup(f->s, to, &f->err));
}

int main(void) {
    install_faults();
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_sqlite, teardown)
        TEST(killed_anywhere_it_is_all_or_nothing), TEST(a_failed_write_or_sync_ends_the_store),
        TEST(a_full_disk_ends_the_store),           TEST(a_failed_checkpoint_ends_the_store),
        TEST(a_backup_that_fails_leaves_nothing),
    };
    return cmocka_run_group_tests_name("store, faults", tests, NULL, NULL);
}
