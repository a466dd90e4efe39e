"""
Contract tests: what the plugin takes for granted of the platform.

They run against the sandbox's stand-ins with everything else, and unchanged inside a real edx-platform, so that the
stand-ins cannot drift from it; see docs/how-tos/test_in_a_real_platform.rst.
"""
