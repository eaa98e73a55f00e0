"""What every request passes, whoever it is for: limits, bodies, errors, sockets, events."""
