"""
Contract tests: what the plugin expects of the platform.

They run against the sandbox's stand-ins with all other tests, and unchanged inside a real edx-platform. So the
stand-ins cannot drift from it; see docs/how-tos/test_in_a_real_platform.rst.
"""
