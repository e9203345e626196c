//! Whatever goes wrong on the provider's or the payer's side, with every kind of channel: what the merchant is told in the
//! end. Notices that are doubled, badly signed or about another amount are in `forged_anywhere`.

use super::app::eventually;
use super::every_kind::{Stage, Started, documents, text};
use serde_json::Value;

/// The provider is asked every second.
const ASKING: [(&str, &str); 2] = [("plans.query_s", "1"), ("plans.refund_s", "1")];

impl Stage {
    async fn paid(&self, out_order_no: &str, behaviour: &str) -> Started {
        let started = self.start(out_order_no).await;
        self.wallet.pay(&started.pay_no, &started.next, behaviour).await;
        self.is_paid(&started).await;
        started
    }

    async fn refund(&self, started: &Started, out_refund_no: &str) -> Value {
        let fields = [("order_no", started.order_no.as_str()), ("out_refund_no", out_refund_no), ("amount", "345")];
        let answer = self.merchant.call("/api/v1/refunds", &fields).await;
        assert!(matches!(answer.code().as_str(), "000000" | "280502"), "{answer:?}");
        self.refund_now(out_refund_no).await
    }

    async fn refund_now(&self, out_refund_no: &str) -> Value {
        self.merchant.call("/api/v1/refunds/query", &[("out_refund_no", out_refund_no)]).await.done()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_is_found_without_a_notice_behind_a_slow_provider_and_after_an_outage() {
    for document in documents().await {
        let stage = Stage::of(document, &ASKING).await;
        let name = text(&stage.document["name"]).to_owned();
        let silent = stage.paid("A-1", "no_notice").await;
        assert_eq!(stage.order(&silent).await["payments"][0]["verified_by"], "query", "{name}");
        for (number, behaviour) in [("A-2", "slow"), ("A-3", "down"), ("A-4", "late")] {
            let started = stage.paid(number, behaviour).await;
            stage.refund(&started, number).await;
            eventually(&format!("{name}, {behaviour}: the refund is done"), async || {
                stage.refund_now(number).await["status"] == "succeeded"
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_payment_pays_nothing_and_a_stuck_refund_stays_in_progress() {
    for document in documents().await {
        let stage = Stage::of(document, &ASKING).await;
        let name = text(&stage.document["name"]).to_owned();
        let failed = stage.start("A-1").await;
        stage.wallet.pay(&failed.pay_no, &failed.next, "fail").await;
        let stuck = stage.paid("A-2", "refund_stuck").await;
        let refund = stage.refund(&stuck, "R-1").await;
        assert_eq!(refund["status"], "processing", "{name}: {refund}");
        // A later order has been asked about, so these two have as well.
        stage.paid("A-3", "no_notice").await;
        assert_eq!(stage.refund_now("R-1").await["status"], "processing", "{name}");
        assert_eq!(stage.order(&failed).await["status"], "paying", "{name}");
        assert!(stage.order(&failed).await["paid_at"].is_null(), "{name}");
    }
}
