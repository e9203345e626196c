//! Counters for Prometheus. The recorder is one per process, however many applications a test starts.

use crate::model::OrderStatus;
use crate::pay::store::Figures;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;

const SECONDS: &[f64] = &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

#[derive(Clone)]
pub struct Metrics(Option<PrometheusHandle>);

impl Metrics {
    /// The process's recorder; without one, when somebody else has installed another, figures are simply not kept.
    pub(super) fn install() -> Self {
        static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
        let handle = HANDLE.get_or_init(|| {
            PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)
                .ok()?
                .install_recorder()
                .ok()
        });
        Self(handle.clone())
    }

    /// The text of `/metrics`, with the database's figures of this moment and the number of failing receivers.
    pub(super) fn render(&self, figures: Option<&Figures>, failing: Option<usize>, now: i64) -> String {
        if let Some(figures) = figures {
            gauges(figures, now);
        }
        if let Some(failing) = failing {
            let failing = i64::try_from(failing).unwrap_or(i64::MAX);
            ::metrics::gauge!("cashier_webhook_receivers_failing").set(float(failing));
        }
        match &self.0 {
            Some(handle) => {
                handle.run_upkeep();
                handle.render()
            }
            None => String::new(),
        }
    }
}

/// Counts one answered request. `route` is the template, never the address.
pub(super) fn request(method: &str, route: &str, status: u16, took: Duration) {
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    ::metrics::counter!("cashier_http_requests_total", &labels).increment(1);
    ::metrics::histogram!("cashier_http_request_seconds", "route" => route.to_owned()).record(took.as_secs_f64());
}

fn gauges(figures: &Figures, now: i64) {
    for status in OrderStatus::ALL {
        let count = figures.orders.iter().find(|(s, _)| s == status).map_or(0, |(_, n)| *n);
        ::metrics::gauge!("cashier_orders_day", "status" => status.as_str()).set(float(count));
    }
    ::metrics::gauge!("cashier_paid_fen_day").set(float(figures.paid_amount));
    ::metrics::gauge!("cashier_cases_open").set(float(figures.open_cases));
    ::metrics::gauge!("cashier_refunds_open").set(float(figures.open_refunds));
    ::metrics::gauge!("cashier_webhooks_pending").set(float(figures.pending_webhooks));
    ::metrics::gauge!("cashier_webhooks_failed").set(float(figures.failed_webhooks));
    let age = |at: Option<i64>| at.map_or(0, |at| (now - at).max(0));
    ::metrics::gauge!("cashier_webhook_oldest_age_seconds").set(float(age(figures.oldest_pending_webhook)) / 1000.0);
    ::metrics::gauge!("cashier_work_overdue_seconds").set(float(age(figures.oldest_due)) / 1000.0);
}

/// Prometheus knows floats only; 53 bits hold every figure here.
fn float(n: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a gauge, not an amount that anybody computes with")]
    let f = n as f64;
    f
}
