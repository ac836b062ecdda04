"""The HTTP room: application, routes, access keys, the agent's page."""
