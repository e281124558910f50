# SPDX-License-Identifier: MIT
# What a CMake project needs to build host programs: include() it, then use
#   DPU_HOST_INCLUDE_DIRECTORIES  folder of <dpu.h> and <dpu>
#   DPU_HOST_LINK_DIRECTORIES     folder of the library
#   DPU_HOST_LIBRARIES            the library, for target_link_libraries()
get_filename_component(dpusim_tree "${CMAKE_CURRENT_LIST_DIR}/../../../../.." ABSOLUTE)
set(DPU_HOST_INCLUDE_DIRECTORIES "${dpusim_tree}/include/dpu")
set(DPU_HOST_LINK_DIRECTORIES "${dpusim_tree}/lib")
set(DPU_HOST_LIBRARIES "${dpusim_tree}/lib/libdpu.so")
