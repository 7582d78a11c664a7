/* libvirt's own build and format functions, and the call on a connection that is held, timed in one process.
 *
 *     libvirt GUESTS DOCUMENT [URI]
 *
 *     libvirt --cpus NUMBER
 *
 * The second form builds and formats the host part of a host whose files lie at /sys, with that many CPUs.
 *
 * GUESTS lists guests, a line each: G arch emulator | M name canonical-or-- cpus deprecated | F number | T number toggle |
 * D type. The document with them goes to DOCUMENT. Prints what it did, the least and the middle CPU time of a round in ns,
 * allocations, and bytes. The functions are private to libvirt and the offsets are those of version 9.0.0, so any other
 * version is refused. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

enum { MOST_ROUNDS = 100, VERSION = 9000000, NUMA_OFFSET = 88, CPU_OFFSET = 176 };

static unsigned long allocations;
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
void *malloc(size_t size) { allocations++; return __libc_malloc(size); }
void *calloc(size_t count, size_t size) { allocations++; return __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { allocations++; return __libc_realloc(old, size); }

/* libnuma takes the CPUs that there can be from the kernel's answer; with --cpus it is told of as many as there are. */
static long cpus;
long syscall(long number, ...)
{
    static long (*next)(long, ...);
    long a[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_sched_getaffinity && cpus) {
        long bytes = (cpus + 63) / 64 * 8;
        if (a[1] < bytes) {
            errno = EINVAL;
            return -1;
        }
        memset((void *)a[2], 0xff, bytes);
        return bytes;
    }
    if (!next) next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void *library;
static void *symbol(const char *name)
{
    void *found = dlsym(library, name);
    if (!found) {
        fprintf(stderr, "libvirt: no %s\n", name);
        exit(2);
    }
    return found;
}
#define CALL(type, name, ...) ((type(*)(__VA_ARGS__))symbol(name))

struct machine { char *name, *canonical; unsigned cpus; bool deprecated; };

static int arch;
static const char *guests;

static void add_guests(void *caps)
{
    FILE *file = fopen(guests, "r");
    char kind, a[256], b[256], *names[1024];
    struct machine list[1024], **machines;
    void *guest = NULL;
    int count = 0;
    char guest_arch[256] = "", emulator[256] = "";
    while (file && fscanf(file, " %c", &kind) == 1) {
        if (kind == 'M') {
            struct machine *machine = &list[count];
            int deprecated;
            if (fscanf(file, "%255s %255s %u %d", a, b, &machine->cpus, &deprecated) != 4) exit(2);
            names[count] = strdup(a);
            machine->canonical = strcmp(b, "-") ? strdup(b) : NULL;
            machine->deprecated = deprecated;
            names[++count] = NULL;
            continue;
        }
        if (count) {
            machines = CALL(void *, "virCapabilitiesAllocMachines", char **, int)(names, count);
            for (int i = 0; i < count; i++) {
                machines[i]->canonical = list[i].canonical;
                machines[i]->cpus = list[i].cpus;
                machines[i]->deprecated = list[i].deprecated;
                free(names[i]);
            }
            int number = CALL(int, "virArchFromString", const char *)(guest_arch);
            guest = CALL(void *, "virCapabilitiesAddGuest", void *, int, int, const char *, const char *, int, void *)(
                caps, 0, number, emulator, NULL, count, machines);
            count = 0;
        }
        int number, toggle;
        if (kind == 'G' && fscanf(file, "%255s %255s", guest_arch, emulator) != 2) exit(2);
        if (kind == 'F' && fscanf(file, "%d", &number) == 1)
            CALL(void, "virCapabilitiesAddGuestFeature", void *, int)(guest, number);
        if (kind == 'T' && fscanf(file, "%d %d", &number, &toggle) == 2)
            CALL(void, "virCapabilitiesAddGuestFeatureWithToggle", void *, int, bool, bool)(guest, number, true, toggle);
        if (kind == 'D' && fscanf(file, "%255s", a) == 1) {
            int type = CALL(int, "virDomainVirtTypeFromString", const char *)(a);
            CALL(void *, "virCapabilitiesAddGuestDomain", void *, int, const char *, const char *, int, void *)(
                guest, type, NULL, NULL, 0, NULL);
        }
    }
    if (file) fclose(file);
}

static void *new_caps(void) { return CALL(void *, "virCapabilitiesNew", int, bool, bool)(arch, true, true); }
static void *probe_cpu(void) { return CALL(void *, "virCPUProbeHost", int)(arch); }
static void drop(void *object) { CALL(void, "virObjectUnref", void *)(object); }

/* The host part, but for the CPU: what every call of a client makes the daemon do. */
static void *build(void)
{
    void *caps = new_caps();
    CALL(int, "virCapabilitiesInitCaches", void *)(caps);
    CALL(void, "virCapabilitiesHostInitIOMMU", void *)(caps);
    CALL(int, "virCapabilitiesInitPages", void *)(caps);
    CALL(int, "virCapabilitiesAddHostMigrateTransport", void *, const char *)(caps, "tcp");
    CALL(int, "virCapabilitiesAddHostMigrateTransport", void *, const char *)(caps, "rdma");
    *(void **)((char *)caps + NUMA_OFFSET) = CALL(void *, "virCapabilitiesHostNUMANewHost", void)();
    return caps;
}

static void *build_with_cpu(void)
{
    void *caps = build();
    *(void **)((char *)caps + CPU_OFFSET) = probe_cpu();
    return caps;
}

static void *build_and_format(void)
{
    void *caps = build();
    char *text = CALL(char *, "virCapabilitiesFormatXML", void *)(caps);
    drop(caps);
    return text;
}

static void *document;
static void *format(void) { return CALL(char *, "virCapabilitiesFormatXML", void *)(document); }
static void *connection;
static void *ask(void) { return CALL(char *, "virConnectGetCapabilities", void *)(connection); }

static double now_ns(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int rounds = MOST_ROUNDS;

static void measure(const char *name, void *(*work)(void), void (*end)(void *), bool text, clockid_t clock)
{
    static double times[MOST_ROUNDS];
    unsigned long made = 0;
    size_t bytes = 0;
    for (int round = 0; round < rounds; round++) {
        unsigned long before = allocations;
        double start = now_ns(clock);
        void *result = work();
        times[round] = now_ns(clock) - start;
        made = allocations - before;
        bytes = text && result ? strlen(result) : 0;
        end(result);
    }
    qsort(times, rounds, sizeof *times, ascending);
    printf("%s\t%.0f\t%.0f\t%lu\t%zu\n", name, times[0], times[rounds / 2], made, bytes);
}

int main(int count, char **arguments)
{
    unsigned long version = 0;
    if (count == 3 && !strcmp(arguments[1], "--cpus")) cpus = atol(arguments[2]);
    if (count < 3 || !(library = dlopen("libvirt.so.0", RTLD_NOW | RTLD_GLOBAL))) return 2;
    CALL(int, "virInitialize", void)();
    CALL(int, "virGetVersion", unsigned long *, const char *, unsigned long *)(&version, NULL, NULL);
    if (version != VERSION) {
        fprintf(stderr, "libvirt: this is version %lu\n", version);
        return 3;
    }
    arch = CALL(int, "virArchFromHost", void)();
    if (cpus) {
        rounds = 3;
        measure("host", build_and_format, free, true, CLOCK_THREAD_CPUTIME_ID);
        return 0;
    }
    guests = arguments[1];
    free(probe_cpu());
    measure("cold", build_with_cpu, drop, false, CLOCK_THREAD_CPUTIME_ID);
    measure("build", build, drop, false, CLOCK_THREAD_CPUTIME_ID);
    document = new_caps();
    add_guests(document);
    measure("format", format, free, true, CLOCK_THREAD_CPUTIME_ID);
    FILE *file = fopen(arguments[2], "w");
    if (file) {
        fputs(format(), file);
        fclose(file);
    }
    if (count > 3 && (connection = CALL(void *, "virConnectOpenReadOnly", const char *)(arguments[3])))
        measure("call", ask, free, true, CLOCK_MONOTONIC);
    return 0;
}
