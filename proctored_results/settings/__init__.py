"""The plugin's settings, a module for each kind of settings that the platform has."""
