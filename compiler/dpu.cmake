# SPDX-License-Identifier: MIT
# CMake toolchain of DPU programs. Either `cmake -DCMAKE_TOOLCHAIN_FILE=` this file, or include() it
# after project(): the targets of that CMakeLists.txt are then DPU programs.
get_filename_component(dpusim_tree "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT DEFINED UPMEM_HOME)
  set(UPMEM_HOME "${dpusim_tree}")
endif()

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR dpu)

# Not tried out on a small program first.
foreach(dpusim_language C CXX ASM)
  set(CMAKE_${dpusim_language}_COMPILER "${dpusim_tree}/bin/dpu-upmem-dpurte-clang")
  set(CMAKE_${dpusim_language}_COMPILER_FORCED TRUE)
endforeach()

# Headers and libraries of the host are none of a DPU's.
set(CMAKE_FIND_ROOT_PATH "${dpusim_tree}/share/upmem")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(dpusim_kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${dpusim_kind} ONLY)
endforeach()
