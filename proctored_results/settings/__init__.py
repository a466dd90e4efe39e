"""The plugin's settings, by the kinds of settings that the platform has."""
