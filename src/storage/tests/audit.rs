//! The audit log notices every hand but its own.

use super::{meddle, on_each};
use crate::pay::AuditEntry;
use crate::pay::store::{PageRequest, Store, StoreError, Write};

fn entry(n: i64) -> AuditEntry {
    AuditEntry {
        at: n,
        actor: "staff_1".to_owned(),
        action: "order.close".to_owned(),
        object: format!("object {n}"),
        before: (n % 2 == 0).then(|| "{\"a\":\"\0\"}".to_owned()),
        after: None,
        address: Some("2001:db8::1".to_owned()),
    }
}

#[tokio::test]
async fn entries_are_listed_newest_first_and_verify() {
    on_each(async |db| {
        assert_eq!(db.verify_audit().await.unwrap(), 0);
        for n in 1..=5 {
            db.commit(vec![Write::Audit(entry(n))]).await.unwrap();
        }
        db.commit(vec![Write::Audit(entry(6)), Write::Audit(entry(7))]).await.unwrap();
        assert_eq!(db.verify_audit().await.unwrap(), 7);
        let page = db.audit(&PageRequest { limit: 3, ..PageRequest::default() }).await.unwrap();
        assert_eq!(page.items.iter().map(|e| e.at).collect::<Vec<_>>(), [7, 6, 5]);
        let older = db.audit(&PageRequest { before: page.older, limit: 3, ..PageRequest::default() }).await.unwrap();
        assert_eq!(older.items.iter().map(|e| e.at).collect::<Vec<_>>(), [4, 3, 2]);
        let newer = db.audit(&PageRequest { after: older.newer, limit: 3, ..PageRequest::default() }).await.unwrap();
        assert_eq!(newer.items.iter().map(|e| e.at).collect::<Vec<_>>(), [7, 6, 5]);
    })
    .await;
}

#[tokio::test]
async fn an_entry_of_a_failed_unit_leaves_no_gap() {
    on_each(async |db| {
        db.commit(vec![Write::Audit(entry(1))]).await.unwrap();
        let stale = Write::FinishTask { kind: crate::pay::TaskKind::AnswerCase, about: "x".to_owned(), owner: "y".to_owned() };
        assert!(matches!(db.commit(vec![Write::Audit(entry(2)), stale]).await, Err(StoreError::Stale)));
        db.commit(vec![Write::Audit(entry(3))]).await.unwrap();
        assert_eq!(db.verify_audit().await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn tampering_is_found_where_it_happened() {
    for (sql, at) in [
        ("update audit set object = 'innocent' where seq = 3", "3"),
        ("update audit set before_value = null where seq = 4", "4"),
        ("update audit set at = 99 where seq = 1", "1"),
        ("update audit set actor = 'staff_2' where seq = 5", "5"),
        ("delete from audit where seq = 2", "2"),
        ("delete from audit where seq >= 4", "4"),
        ("delete from audit", "1"),
        ("update audit set hash = 'x' where seq = 5", "5"),
        ("update audit set previous = 'x' where seq = 2", "2"),
        ("update audit_head set hash = 'x'", "5"),
        ("update audit_head set seq = 4", "4"),
    ] {
        on_each(async |db| {
            for n in 1..=5 {
                db.commit(vec![Write::Audit(entry(n))]).await.unwrap();
            }
            assert!(meddle(db, sql).await > 0);
            match db.verify_audit().await {
                Err(StoreError::Inconsistent { table: "audit", id, .. }) => assert_eq!(id, at, "{sql}"),
                other => panic!("{sql}: {other:?}"),
            }
        })
        .await;
    }
}
