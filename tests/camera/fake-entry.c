/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include "fake-camera-private.h"

/* Not through dlsym(), which would recurse when a sanitizer starts. */
long
fake_kernel (long n, long a, long b, long c, long d, long e, long f)
{
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long r;

  __asm__ volatile("syscall"
                   : "=a"(r)
                   : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  if (r < 0 && r > -4096)
    {
      errno = (int) -r;
      return -1;
    }
  return r;
}

/* libc declares these with attributes of its own; what counts are the symbols. */
int fake_open (const char *path, int flags, ...) __asm__("open");
int fake_open64 (const char *path, int flags, ...) __asm__("open64");
int fake_close (int fd) __asm__("close");
int fake_ioctl (int fd, unsigned long request, ...) __asm__("ioctl");
long fake_syscall (long n, ...) __asm__("syscall");

static int
open_any (const char *path, int flags, va_list rest)
{
  long mode = 0, result;

  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE)
    mode = va_arg (rest, mode_t);
  if (fake_take_open (path, &result))
    return (int) result;
  return (int) fake_kernel (SYS_openat, AT_FDCWD, (long) path, flags, mode, 0, 0);
}

int
fake_open (const char *path, int flags, ...)
{
  va_list rest;
  int fd;

  va_start (rest, flags);
  fd = open_any (path, flags, rest);
  va_end (rest);
  return fd;
}

int
fake_open64 (const char *path, int flags, ...)
{
  va_list rest;
  int fd;

  va_start (rest, flags);
  fd = open_any (path, flags, rest);
  va_end (rest);
  return fd;
}

int
fake_close (int fd)
{
  long result;

  return fake_take_close (fd, &result) ? (int) result
                                       : (int) fake_kernel (SYS_close, fd, 0, 0, 0, 0, 0);
}

int
fake_ioctl (int fd, unsigned long request, ...)
{
  va_list rest;
  long arg, result;

  va_start (rest, request);
  arg = va_arg (rest, long);
  va_end (rest);
  return fake_take_ioctl (fd, (long) request, arg, &result)
             ? (int) result
             : (int) fake_kernel (SYS_ioctl, fd, (long) request, arg, 0, 0, 0);
}

long
fake_syscall (long n, ...)
{
  va_list rest;
  long x[6], result;

  va_start (rest, n);
  for (int i = 0; i < 6; i++)
    x[i] = va_arg (rest, long);
  va_end (rest);

  if ((n == SYS_openat && fake_take_open ((const char *) x[1], &result)) ||
      (n == SYS_ioctl && fake_take_ioctl (x[0], x[1], x[2], &result)) ||
      (n == SYS_close && fake_take_close (x[0], &result)))
    return result;
  if (n == SYS_mmap)
    x[4] = fake_memory_of (x[4]);
  return fake_kernel (n, x[0], x[1], x[2], x[3], x[4], x[5]);
}
