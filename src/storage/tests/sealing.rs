//! What is secret is not readable in the database, and does not open anywhere but in its place.

use super::{meddle, on_each};
use crate::model::{ChannelKind, Method};
use crate::pay::store::{Store, StoreError, Write};
use crate::pay::{AppKey, AppKeyKind, Secret, World};
use crate::storage::testing::{TestDatabase, app, channel, database};
use crate::storage::{Database, MasterKeys};
use std::collections::BTreeMap;

const CANARY: &str = "kanarienvogel-4711";

/// Puts the canary everywhere a secret can go.
async fn fill(db: &TestDatabase) -> (crate::pay::App, crate::pay::ChannelRecord) {
    let app = app(db).await;
    for (key_id, kind) in [("k1", AppKeyKind::Api), ("k2", AppKeyKind::Webhook)] {
        let key = AppKey {
            key_id: key_id.to_owned(),
            app_id: app.app_id.clone(),
            kind,
            value: Secret::new(format!("{CANARY} {key_id}")),
            created_at: 1,
            retires_at: None,
        };
        db.commit(vec![Write::InsertAppKey(Box::new(key))]).await.unwrap();
    }
    let channel = channel(db, ChannelKind::Qq, &[Method::QqNative], &[("key", CANARY)]).await;
    for value in [CANARY, "second"] {
        let secret = Write::InsertSecret { name: "rsa".to_owned(), value: Secret::new(value.to_owned()) };
        db.commit(vec![secret]).await.unwrap();
    }
    (app, channel)
}

#[tokio::test]
async fn a_setting_keeps_its_first_value() {
    on_each(async |db| {
        fill(db).await;
        assert_eq!(db.secret("rsa").await.unwrap().unwrap().expose(), CANARY);
        assert!(db.secret("other").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn no_secret_stands_in_the_database_files() {
    let db = database().await;
    fill(&db).await;
    let mut files = 0;
    for file in std::fs::read_dir(db.dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        files += 1;
        assert!(!bytes.windows(CANARY.len()).any(|w| w == CANARY.as_bytes()));
    }
    assert!(files >= 2, "database and log");
}

#[tokio::test]
async fn a_sealed_value_moved_to_another_row_does_not_open() {
    on_each(async |db| {
        let (app, channel) = fill(db).await;
        meddle(db, "update app_keys set value = (select k.value from app_keys k where k.key_id = 'k1') where key_id = 'k2'")
            .await;
        assert!(matches!(db.app_keys(&app.app_id, 1).await, Err(StoreError::Inconsistent { table: "app_keys", .. })));
        meddle(db, "update channel_versions set version = 2").await;
        let account = db.channel_account(&channel.channel_id, 2).await;
        assert!(matches!(account, Err(StoreError::Inconsistent { table: "channels", .. })), "{account:?}");
        meddle(db, "update secrets set name = 'other'").await;
        assert!(matches!(db.secret("other").await, Err(StoreError::Inconsistent { table: "secrets", .. })));
    })
    .await;
}

#[tokio::test]
async fn rotation_rewraps_everything_and_retires_the_old_key() {
    on_each(async |db| {
        let (app, channel) = fill(db).await;
        let old = db.keys().first_id().to_owned();
        assert_eq!(db.count_by_key().await.unwrap(), BTreeMap::from([(old.clone(), 4)]));
        let open = async |keys| Database::connect_sized(&db.url, db.dir.path(), keys, World::system(), 2).await.unwrap();
        let both = open(MasterKeys::new([9; 32], &[[7; 32]])).await;
        assert_eq!(both.rotate_master_key().await.unwrap(), 4);
        assert_eq!(both.rotate_master_key().await.unwrap(), 0);
        let new = open(MasterKeys::new([9; 32], &[])).await;
        assert_eq!(new.count_by_key().await.unwrap(), BTreeMap::from([(new.keys().first_id().to_owned(), 4)]));
        let keys = new.app_keys(&app.app_id, 1).await.unwrap();
        assert!(keys.iter().all(|k| k.value.expose().starts_with(CANARY)));
        let account = new.channel_account(&channel.channel_id, 1).await.unwrap().unwrap();
        assert_eq!(account.credentials["key"].expose(), CANARY);
        assert_eq!(new.secret("rsa").await.unwrap().unwrap().expose(), CANARY);
        assert!(matches!(db.secret("rsa").await, Err(StoreError::Inconsistent { .. })), "the old key alone opens nothing");
    })
    .await;
}
