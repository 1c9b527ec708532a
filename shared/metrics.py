"""Every Prometheus metric of every service, in one place."""

from prometheus_client import Counter, Gauge, Histogram

LATENCY = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

COMMANDS = Counter("guatu_commands_total", "Commands by name and outcome", ["command", "outcome"])
COMMAND_SECONDS = Histogram("guatu_command_seconds", "From request to reply", ["command"], buckets=LATENCY)
APPEND_SECONDS = Histogram("guatu_append_seconds", "From an append's request to its verdict", buckets=LATENCY)
APPEND_ITEMS = Histogram("guatu_append_items", "Items in one batch of appends", buckets=(1, 2, 5, 10, 20, 50, 100, 200))
APPEND_REFUSED = Counter("guatu_append_refused_total", "Items that the database had no room for, by error", ["error"])
APPEND_RETRIES = Counter("guatu_append_retries_total", "Batches run again, by reason", ["reason"])

RELAY_LEADER = Gauge("guatu_relay_leader", "1 while this process publishes")
RELAY_PUBLISHED = Counter("guatu_relay_published_total", "Events confirmed by Kafka", ["topic"])
RELAY_ERRORS = Counter("guatu_relay_errors_total", "Rounds begun again", ["error"])
OUTBOX_AGE = Gauge("guatu_outbox_age_seconds", "Age of the oldest event that is not yet confirmed")

VIEW_EVENTS = Counter("guatu_view_events_total", "Records taken into a view", ["view", "topic"])
VIEW_BATCH_SECONDS = Histogram("guatu_view_batch_seconds", "One partition's batch", ["view"], buckets=LATENCY)
VIEW_LAG = Gauge("guatu_view_lag", "Records that are not yet in the view", ["view", "topic", "partition"])
VIEW_PARKED = Gauge("guatu_view_parked_keys", "Keys whose events are parked", ["view"])
VIEW_STOPPED = Gauge("guatu_view_stopped", "1 if the partition stands still", ["view", "topic", "partition"])
VIEW_MOVED = Counter("guatu_view_moved_total", "Batches given up since another owner was there", ["view"])
REBUILD_PROGRESS = Gauge("guatu_rebuild_progress", "Share of a rebuild that is done, 0 to 1", ["view"])

GATEWAY_REQUESTS = Counter(
    "guatu_gateway_requests_total", "Requests by service and the answer's status", ["service", "status"]
)
GATEWAY_RETRIES = Counter(
    "guatu_gateway_retries_total", "Requests sent to another replica, by reason", ["service", "reason"]
)
