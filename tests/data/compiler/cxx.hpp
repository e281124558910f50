/* SPDX-License-Identifier: MIT */
/* Shared by cxx.cpp and cxx_more.cpp: an inline function and its static object are one each. */
#pragma once
inline int counted(int by)
{
    static int sum;
    return sum += by;
}
int counted_elsewhere(int by);
