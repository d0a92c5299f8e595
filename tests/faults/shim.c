/* Stands between a process and the C library, and lets calls that change files go wrong.
 *
 * Loaded with LD_PRELOAD. Nothing happens until `faults_arm` is called; from then on every call
 * that changes something below one folder is counted, and the one with a chosen number is killed,
 * torn or refused. When recording, each call is written to a descriptor with its contents, so that
 * the disk can be rebuilt as it may look after a loss of power (disk.py).
 *
 * SQLCipher writes from C, so this cannot be done in Python; and no root is needed for it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum mode { COUNT, KILL_BEFORE, KILL_AFTER, TEAR, FAIL_ONCE, FAIL_ON, FULL };
enum call { NONE, MAKE, OPEN, TRUNCATE, WRITE, SYNC, SYNC_FOLDER, RENAME, LINK, UNLINK, RMDIR, MKDIR, MARK };

struct header {
    uint32_t call, path_bytes, second_bytes, site_bytes;
    int64_t offset, size, data_bytes;
};

static char root[PATH_MAX];
static size_t root_bytes;
static atomic_int armed;
static enum mode mode;
static long fault_at;
static int fault_errno;
static int trace_descriptor = -1;
static void (*python_site)(char *text, int room);
static atomic_long count;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static __thread int inside;

static char hit_text[4096];


/* --- driven from Python --------------------------------------------------------------------- */

void faults_arm(const char *folder, int how, long at, int error, int trace, void (*site)(char *, int)) {
    snprintf(root, sizeof root, "%s/", folder);
    root_bytes = strlen(root);
    mode = how;
    fault_at = at;
    fault_errno = error;
    trace_descriptor = trace;
    python_site = site;
    atomic_store(&count, 0);
    hit_text[0] = 0;
    atomic_store(&armed, 1);
}

void faults_disarm(void) { atomic_store(&armed, 0); }

long faults_count(void) { return atomic_load(&count); }

const char *faults_hit(void) { return hit_text; }

/* --- which call, of which file, from where -------------------------------------------------- */

static int below_root(const char *path) {
    return strncmp(path, root, root_bytes) == 0 ||
           (strlen(path) == root_bytes - 1 && strncmp(path, root, root_bytes - 1) == 0);
}

static int path_of(int descriptor, char *path) {
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    ssize_t size = readlink(name, path, PATH_MAX - 1);
    if (size <= 0) return 0;
    path[size] = 0;
    return path[0] == '/';
}

static int absolute(int folder, const char *name, char *path) {
    if (name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
        return 1;
    }
    char start[PATH_MAX];
    if (folder == AT_FDCWD ? !getcwd(start, sizeof start) : !path_of(folder, start)) return 0;
    size_t used = strlen(start);
    if (used + 1 + strlen(name) >= PATH_MAX) return 0;
    memcpy(path, start, used);
    path[used] = '/';
    strcpy(path + used + 1, name);
    return 1;
}

static const char *name_of(enum call call) {
    static const char *const names[] = {"none",   "make", "open",   "truncate", "write", "sync", "sync-folder",
                                        "rename", "link", "unlink", "rmdir",    "mkdir", "mark"};
    return names[call];
}

/* Where a call comes from: the places in the library that called, then those in Python. */
static void site_of(char *text, int room) {
    void *frames[24];
    int depth = backtrace(frames, 24), used = 0, taken = 0;
    const char *library = NULL;
    text[0] = 0;
    for (int i = 2; i < depth && taken < 6 && used < room - 40; i++) {
        Dl_info found;
        if (!dladdr(frames[i], &found) || !found.dli_fname || strstr(found.dli_fname, "shim-")) continue;
        if (library && strcmp(library, found.dli_fname)) break;
        library = found.dli_fname;
        if (strstr(library, "libpython") || strstr(library, "/bin/python")) break;
        used += snprintf(text + used, room - used, "%lx ", (long)((char *)frames[i] - (char *)found.dli_fbase));
        taken++;
    }
    if (python_site) python_site(text + used, room - used);
}

static void put(const void *data, size_t size) {
    const char *at = data;
    while (size) {
        ssize_t done = syscall(SYS_write, trace_descriptor, at, size);
        if (done <= 0) _exit(97);
        at += done;
        size -= done;
    }
}

static void record(enum call call, const char *path, const char *second, long offset, long size,
                   const void *data, size_t data_bytes, const char *site) {
    struct header head = {call, strlen(path), strlen(second), strlen(site), offset, size, data_bytes};
    put(&head, sizeof head);
    put(path, head.path_bytes);
    put(second, head.second_bytes);
    put(site, head.site_bytes);
    if (data_bytes) put(data, data_bytes);
}

void faults_mark(const char *text) {
    if (trace_descriptor < 0 || !atomic_load(&armed)) return;
    pthread_mutex_lock(&order);
    record(MARK, text, "", 0, 0, NULL, 0, "");
    pthread_mutex_unlock(&order);
}

static __attribute__((noreturn)) void die(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) pause();
}

static int takes_space(enum call call) {
    return call == MAKE || call == WRITE || call == MKDIR || call == RENAME || call == LINK;
}

enum verdict { PASS, REFUSE, SHORTEN, DIE_AFTER };

/* Decides what becomes of a call. `number` gets its number. */
static enum verdict judge(enum call call, const char *path, long *number) {
    long now = *number = atomic_fetch_add(&count, 1) + 1;
    if (mode == COUNT || now < fault_at) return PASS;
    if (now == fault_at && !hit_text[0]) {
        char site[2048];
        inside = 1;
        site_of(site, sizeof site);
        inside = 0;
        snprintf(hit_text, sizeof hit_text, "%s|%s|%s", name_of(call), path + root_bytes - 1, site);
    }
    switch (mode) {
    case KILL_BEFORE:
        if (now == fault_at) die();
        return PASS;
    case KILL_AFTER:
        return now == fault_at ? DIE_AFTER : PASS;
    case TEAR:
        return now == fault_at ? SHORTEN : PASS;
    case FAIL_ONCE:
        return now == fault_at ? REFUSE : PASS;
    case FAIL_ON:
        return REFUSE;
    case FULL: /* as a full disk does it: first a short write, then none; removing goes on */
        if (!takes_space(call)) return PASS;
        return now == fault_at && call == WRITE ? SHORTEN : REFUSE;
    default:
        return PASS;
    }
}

static int watched(void) { return atomic_load(&armed) && !inside; }

/* One call on names or descriptors that either happens or does not. */
#define WHOLE_CALL(call, path, second, offset, size, expression) \
    do { \
        long number_; \
        int result_, kept_; \
        if (mode == COUNT && trace_descriptor >= 0) { \
            char site_[2048]; \
            inside = 1; \
            site_of(site_, sizeof site_); \
            inside = 0; \
            pthread_mutex_lock(&order); \
            judge(call, path, &number_); \
            result_ = (expression); \
            kept_ = errno; \
            if (result_ >= 0) record(call, path, second, offset, size, NULL, 0, site_); \
            pthread_mutex_unlock(&order); \
            errno = kept_; \
            return result_; \
        } \
        enum verdict verdict_ = judge(call, path, &number_); \
        if (verdict_ == REFUSE) { errno = fault_errno; return -1; } \
        if (verdict_ == SHORTEN) die(); \
        result_ = (expression); \
        if (verdict_ == DIE_AFTER) die(); \
        return result_; \
    } while (0)

/* --- writing -------------------------------------------------------------------------------- */

static ssize_t real_pwrite(int descriptor, const void *data, size_t size, off64_t offset) {
    return offset < 0 ? syscall(SYS_write, descriptor, data, size) : syscall(SYS_pwrite64, descriptor, data, size, offset);
}

static ssize_t writing(int descriptor, const void *data, size_t size, off64_t offset) {
    char path[PATH_MAX];
    if (!watched() || !size || !path_of(descriptor, path) || !below_root(path))
        return real_pwrite(descriptor, data, size, offset);
    long number;
    if (mode == COUNT && trace_descriptor >= 0) {
        char site[2048];
        inside = 1;
        site_of(site, sizeof site);
        inside = 0;
        pthread_mutex_lock(&order);
        judge(WRITE, path, &number);
        long at = offset;
        if (at < 0) {
            struct stat found;
            at = fcntl(descriptor, F_GETFL) & O_APPEND ? (fstat(descriptor, &found), found.st_size)
                                                       : lseek(descriptor, 0, SEEK_CUR);
        }
        ssize_t done = real_pwrite(descriptor, data, size, offset);
        int kept = errno;
        if (done > 0) record(WRITE, path, "", at, done, data, done, site);
        pthread_mutex_unlock(&order);
        errno = kept;
        return done;
    }
    switch (judge(WRITE, path, &number)) {
    case REFUSE:
        errno = fault_errno;
        return -1;
    case SHORTEN: {
        size_t half = size / 2;
        ssize_t done = half ? real_pwrite(descriptor, data, half, offset) : 0;
        if (mode == TEAR) die();
        if (!half) { errno = fault_errno; return -1; }
        return done;
    }
    case DIE_AFTER:
        real_pwrite(descriptor, data, size, offset);
        die();
    default:
        return real_pwrite(descriptor, data, size, offset);
    }
}

ssize_t write(int descriptor, const void *data, size_t size) { return writing(descriptor, data, size, -1); }
ssize_t pwrite(int descriptor, const void *data, size_t size, off_t offset) { return writing(descriptor, data, size, offset); }
ssize_t pwrite64(int descriptor, const void *data, size_t size, off64_t offset) { return writing(descriptor, data, size, offset); }

/* Copying inside the kernel would pass by; the caller falls back on reading and writing. */
ssize_t sendfile(int out, int in, off_t *offset, size_t size) {
    if (watched()) { errno = EINVAL; return -1; }
    return syscall(SYS_sendfile, out, in, offset, size);
}
ssize_t sendfile64(int out, int in, off64_t *offset, size_t size) {
    if (watched()) { errno = EINVAL; return -1; }
    return syscall(SYS_sendfile, out, in, offset, size);
}

/* --- syncing and cutting -------------------------------------------------------------------- */

static int syncing(int descriptor, long system_call) {
    char path[PATH_MAX];
    struct stat found;
    if (!watched() || !path_of(descriptor, path) || !below_root(path)) return syscall(system_call, descriptor);
    enum call call = !fstat(descriptor, &found) && S_ISDIR(found.st_mode) ? SYNC_FOLDER : SYNC;
    WHOLE_CALL(call, path, "", 0, 0, syscall(system_call, descriptor));
}

int fsync(int descriptor) { return syncing(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return syncing(descriptor, SYS_fdatasync); }

static int cutting(int descriptor, off64_t size) {
    char path[PATH_MAX];
    if (!watched() || !path_of(descriptor, path) || !below_root(path)) return syscall(SYS_ftruncate, descriptor, size);
    WHOLE_CALL(TRUNCATE, path, "", 0, size, syscall(SYS_ftruncate, descriptor, size));
}

int ftruncate(int descriptor, off_t size) { return cutting(descriptor, size); }
int ftruncate64(int descriptor, off64_t size) { return cutting(descriptor, size); }

static int cutting_named(const char *name, off64_t size) {
    char path[PATH_MAX];
    if (!watched() || !absolute(AT_FDCWD, name, path) || !below_root(path)) return syscall(SYS_truncate, name, size);
    WHOLE_CALL(TRUNCATE, path, "", 0, size, syscall(SYS_truncate, name, size));
}

int truncate(const char *name, off_t size) { return cutting_named(name, size); }
int truncate64(const char *name, off64_t size) { return cutting_named(name, size); }

/* --- names ---------------------------------------------------------------------------------- */

static int renaming(int folder, const char *from, int other, const char *to, unsigned flags) {
    char path[PATH_MAX], second[PATH_MAX];
    if (!watched() || !absolute(folder, from, path) || !absolute(other, to, second) || !below_root(path))
        return syscall(SYS_renameat2, folder, from, other, to, flags);
    WHOLE_CALL(RENAME, path, second, 0, 0, syscall(SYS_renameat2, folder, from, other, to, flags));
}

int rename(const char *from, const char *to) { return renaming(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int a, const char *from, int b, const char *to) { return renaming(a, from, b, to, 0); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { return renaming(a, from, b, to, flags); }

int linkat(int folder, const char *from, int other, const char *to, int flags) {
    char path[PATH_MAX], second[PATH_MAX];
    if (!watched() || !absolute(folder, from, path) || !absolute(other, to, second) || !below_root(second))
        return syscall(SYS_linkat, folder, from, other, to, flags);
    WHOLE_CALL(LINK, path, second, 0, 0, syscall(SYS_linkat, folder, from, other, to, flags));
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int folder, const char *name, int flags) {
    char path[PATH_MAX];
    struct stat found;
    if (!watched() || !absolute(folder, name, path) || !below_root(path) || lstat(path, &found))
        return syscall(SYS_unlinkat, folder, name, flags);
    enum call call = flags & AT_REMOVEDIR ? RMDIR : UNLINK;
    WHOLE_CALL(call, path, "", 0, 0, syscall(SYS_unlinkat, folder, name, flags));
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

int mkdirat(int folder, const char *name, mode_t rights) {
    char path[PATH_MAX];
    struct stat found;
    if (!watched() || !absolute(folder, name, path) || !below_root(path) || !lstat(path, &found))
        return syscall(SYS_mkdirat, folder, name, rights);
    WHOLE_CALL(MKDIR, path, "", 0, 0, syscall(SYS_mkdirat, folder, name, rights));
}
int mkdir(const char *name, mode_t rights) { return mkdirat(AT_FDCWD, name, rights); }

static int opening(int folder, const char *name, int flags, mode_t rights) {
    char path[PATH_MAX];
    struct stat found;
    if (!watched() || (flags & O_ACCMODE) == O_RDONLY || !absolute(folder, name, path) || !below_root(path))
        return syscall(SYS_openat, folder, name, flags | O_LARGEFILE, rights);
    int exists = !stat(path, &found);
    if (exists && flags & O_TRUNC)
        WHOLE_CALL(TRUNCATE, path, "", 0, 0, syscall(SYS_openat, folder, name, flags | O_LARGEFILE, rights));
    if (!exists && flags & O_CREAT)
        WHOLE_CALL(MAKE, path, "", 0, 0, syscall(SYS_openat, folder, name, flags | O_LARGEFILE, rights));
    WHOLE_CALL(OPEN, path, "", 0, 0, syscall(SYS_openat, folder, name, flags | O_LARGEFILE, rights));
}

#define RIGHTS \
    mode_t rights = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list more; \
        va_start(more, flags); \
        rights = va_arg(more, mode_t); \
        va_end(more); \
    }

int open(const char *name, int flags, ...) { RIGHTS return opening(AT_FDCWD, name, flags, rights); }
int open64(const char *name, int flags, ...) { RIGHTS return opening(AT_FDCWD, name, flags, rights); }
int openat(int folder, const char *name, int flags, ...) { RIGHTS return opening(folder, name, flags, rights); }
int openat64(int folder, const char *name, int flags, ...) { RIGHTS return opening(folder, name, flags, rights); }
