# SPDX-License-Identifier: MIT
"""Cycle mode against measurements of hardware: cases, their runs, comparison and report."""
