/* SPDX-License-Identifier: MIT */
#ifndef DPU_STDNORETURN_H
#define DPU_STDNORETURN_H

#define noreturn _Noreturn

#endif
