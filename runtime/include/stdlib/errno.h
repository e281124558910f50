/* SPDX-License-Identifier: MIT */
/* One errno for the whole DPU, shared by the tasklets: read it before another one may fail. */
#ifndef DPU_ERRNO_H
#define DPU_ERRNO_H

#ifndef __ASSEMBLER__
extern int errno;
#define errno errno
#endif

#define EPERM    1
#define EIO      5
#define E2BIG    7
#define EAGAIN   11
#define ENOMEM   12
#define EACCES   13
#define EFAULT   14
#define EBUSY    16
#define EEXIST   17
#define EINVAL   22
#define ENOSPC   28
#define EPIPE    32
#define EDOM     33
#define ERANGE   34
#define EDEADLK  35
#define ENOSYS   38
#define ENODATA  61
#define EILSEQ   84
#define EALREADY 114

#endif
