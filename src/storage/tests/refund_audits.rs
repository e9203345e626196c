//! Refunds that a provider asked about: one row per number of a channel, one verdict.

use super::on_each;
use crate::model::{Amount, AppId, AuditDecision, ChannelId, OrderNo, RefundNo};
use crate::pay::store::{Store, StoreError, Unique, Write};
use crate::pay::{RefundAudit, World};

fn question(channel_id: &ChannelId, number: &str) -> RefundAudit {
    RefundAudit {
        audit_id: World::system().number(),
        channel_id: channel_id.clone(),
        provider_refund_no: number.to_owned(),
        pay_no: "P1".to_owned(),
        order_no: Some(OrderNo::parse(&World::system().number()).unwrap()),
        app_id: Some(AppId::parse(&World::system().id("app")).unwrap()),
        asked_at: 7,
        amount: Amount::from_fen(100).unwrap(),
        decision: None,
        refund_no: None,
        decided_by: None,
        decided_at: None,
    }
}

#[tokio::test]
async fn a_question_reads_back_and_is_decided_once() {
    on_each(async |db| {
        let channel = ChannelId::parse(&World::system().id("ch")).unwrap();
        let other = ChannelId::parse(&World::system().id("ch")).unwrap();
        let first = question(&channel, "B1");
        let insert = |audit: &RefundAudit| vec![Write::InsertRefundAudit(Box::new(audit.clone()))];
        db.commit(insert(&first)).await.unwrap();
        let twin = db.commit(insert(&question(&channel, "B1"))).await;
        assert!(matches!(twin, Err(StoreError::Taken(Unique::RefundAudit))), "{twin:?}");
        let second = question(&other, "B1");
        db.commit(insert(&second)).await.unwrap();
        assert_eq!(db.refund_audit(&first.audit_id).await.unwrap(), Some(first.clone()));
        assert_eq!(db.refund_audit_by_no(&other, "B1").await.unwrap(), Some(second.clone()));
        assert_eq!(db.refund_audit_by_no(&other, "B2").await.unwrap(), None);
        assert_eq!(db.open_refund_audits(10).await.unwrap().len(), 2);
        assert_eq!(db.open_refund_audits(1).await.unwrap().len(), 1);

        let decided = RefundAudit {
            amount: Amount::from_fen(60).unwrap(),
            decision: Some(AuditDecision::Approve),
            refund_no: Some(RefundNo::parse(&World::system().number()).unwrap()),
            decided_by: Some("rule".to_owned()),
            decided_at: Some(9),
            ..first.clone()
        };
        let decide = || vec![Write::DecideRefundAudit(Box::new(decided.clone()))];
        db.commit(decide()).await.unwrap();
        assert!(matches!(db.commit(decide()).await, Err(StoreError::Stale)));
        assert_eq!(db.refund_audit(&first.audit_id).await.unwrap(), Some(decided.clone()));
        assert_eq!(db.open_refund_audits(10).await.unwrap(), [second]);
    })
    .await;
}
