"""What people did to work orders as labelled examples: settled, weighted, their origin kept."""
