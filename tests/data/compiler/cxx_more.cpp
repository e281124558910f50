/* SPDX-License-Identifier: MIT */
#include "cxx.hpp"
int counted_elsewhere(int by)
{
    return counted(by);
}
