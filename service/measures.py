"""What Prometheus is told of the service."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from sqlalchemy import Connection

from projections import PROJECTIONS
from projections.following.projection import parked_count, positions_of
from service.audit.transparency import Notary
from service.keeping.rounds import last_round, stuck_count
from service.record.recorder import Recorder
from service.webhooks import deliveries, hooks

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Measures:
    def __init__(self, recorder: Recorder, notary: Notary) -> None:
        self.registry = CollectorRegistry()
        self._recorder = recorder
        self._notary = notary
        self.requests = Counter("sanji_requests", "requests answered", ["method", "status"], registry=self.registry)
        self.seconds = Histogram(
            "sanji_request_seconds", "seconds until answered", ["method"], buckets=BUCKETS, registry=self.registry
        )
        self._known: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._position = Gauge("sanji_log_position", "last position of the log", registry=self.registry)
        self._signed = Gauge("sanji_log_signed", "last position that is signed", ["log"], registry=self.registry)
        self._untrue = Gauge(
            "sanji_log_untrue",
            "position from which on it is not what it should be; 0: none",
            ["log"],
            registry=self.registry,
        )
        self._lag = Gauge("sanji_projection_lag", "events behind the log", ["projection"], registry=self.registry)
        self._parked = Gauge("sanji_parked_events", "events a view could not apply", registry=self.registry)
        self._deliveries_waiting = Gauge("sanji_webhook_deliveries", "deliveries that wait", registry=self.registry)
        self._webhooks_disabled = Gauge("sanji_webhooks_disabled", "webhooks that are disabled", registry=self.registry)
        self._round = Gauge(
            "sanji_keeper_round_seconds",
            "when the keeper last came round, in seconds since 1970; 0: never",
            registry=self.registry,
        )
        self._stuck = Gauge("sanji_stuck_deadlines", "cases whose deadline could not lapse", registry=self.registry)

    def request(self, method: str, status: int, seconds: float) -> None:
        known = self._known.get((method, status))
        if known is None:
            known = self.requests.labels(method, str(status)), self.seconds.labels(method)
            self._known[method, status] = known
        count, duration = known
        count.inc()
        duration.observe(seconds)

    def observe(self, db: Connection) -> None:
        last = self._recorder.last(db)
        self._position.set(last)
        for log in self._notary.both:
            alarm = log.alarm()
            self._signed.labels(log.name).set(log.size())
            self._untrue.labels(log.name).set(alarm.position if alarm else 0)
        self._parked.set(parked_count(db))
        self._deliveries_waiting.set(deliveries.waiting_in_all(db))
        self._webhooks_disabled.set(hooks.disabled_in_all(db))
        came = last_round(db)
        self._round.set(came.timestamp() if came else 0)
        self._stuck.set(stuck_count(db))
        for name, position in positions_of(db, PROJECTIONS).items():
            self._lag.labels(name).set(last - position)
