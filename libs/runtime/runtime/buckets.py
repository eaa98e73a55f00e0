"""Key-value buckets. Apart from what makes them, which knows databases, too: services without one use them."""

from __future__ import annotations

ACTIVITY_BUCKET = "activity"
TICKET_BUCKET = "tickets"
PLACE_BUCKET = "model_places"
LIFETIMES = {ACTIVITY_BUCKET: 24 * 3600.0, TICKET_BUCKET: 30.0, PLACE_BUCKET: 60.0}
"""Age in seconds at which entries vanish. On disk, or they would be gone, and not only their entries, when the broker
is restarted."""
