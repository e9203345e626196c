//! What the sweeper takes, and what it leaves.

use super::on_each;
use crate::model::{ChannelKind, Method};
use crate::pay::store::{Store, Write};
use crate::pay::{NoticeRow, World};
use crate::storage::testing::{app, channel};

#[tokio::test]
async fn only_what_has_served_its_time_is_swept() {
    on_each(async |db| {
        let app = app(db).await;
        let channel = channel(db, ChannelKind::Jd, &[Method::JdQr], &[]).await;
        let now = World::system().now_ms();
        let mut unit = Vec::new();
        for i in 0..1200 {
            let expires_at = if i < 1100 { now - 1 } else { now + 1000 };
            unit.push(Write::SpendNonce { app_id: app.app_id.clone(), nonce: format!("nonce-{i}"), expires_at });
        }
        for age in [0, 10, 23, 25, 100] {
            unit.push(Write::CountLoginFailure { address: "a".to_owned(), at: now - age * 3_600_000 });
        }
        for age in [0, 29, 31, 90_i64] {
            let received_at = now - age * 86_400_000;
            unit.push(Write::InsertNotice(Box::new(NoticeRow {
                id: ulid::Ulid::from_parts(u64::try_from(received_at).unwrap(), 7).to_string(),
                channel_id: channel.channel_id.clone(),
                kind: "pay".to_owned(),
                received_at,
                headers: String::new(),
                body_base64: String::new(),
                verified: false,
                result: "signature".to_owned(),
                pay_no: None,
                order_no: None,
            })));
        }
        db.commit(unit).await.unwrap();
        assert_eq!(db.sweep(now, 30 * 86_400_000).await.unwrap(), 1100 + 2 + 2);
        assert_eq!(db.sweep(now, 30 * 86_400_000).await.unwrap(), 0);
        assert_eq!(db.unverified_since(&channel.channel_id, 0).await.unwrap(), 2);
        assert_eq!(db.login_failures("a", 0).await.unwrap(), 3);
    })
    .await;
}
