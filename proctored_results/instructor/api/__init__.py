"""The REST API of the course team, a file for each resource."""
