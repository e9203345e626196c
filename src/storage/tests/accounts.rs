//! Apps, channels and staff: keys and credentials by version, and what counts up.

use super::on_each;
use crate::model::{ChannelKind, Method, Role, StaffId};
use crate::pay::store::{Store, StoreError, Unique, Write};
use crate::pay::{AppKey, AppKeyKind, AppSettings, Offer, Secret, Staff, World};
use crate::storage::testing::{app, channel};
use std::collections::BTreeMap;

#[tokio::test]
async fn apps_count_up_and_their_keys_rotate() {
    on_each(async |db| {
        let (first, mut second) = (app(db).await, app(db).await);
        assert_eq!((first.pid, second.pid), (1001, 1002));
        second.name = "neu".to_owned();
        second.enabled = false;
        second.settings = AppSettings { accent: Some("#aabbcc".to_owned()), allow_md5: true, ..AppSettings::default() };
        db.commit(vec![Write::SaveApp(Box::new(second.clone()))]).await.unwrap();
        assert_eq!(db.app_by_pid(1002).await.unwrap(), Some(second.clone()));
        assert_eq!(db.apps().await.unwrap(), vec![first.clone(), second]);
        let mut stranger = first.clone();
        stranger.app_id = crate::model::AppId::parse(&World::system().id("app")).unwrap();
        assert!(matches!(db.commit(vec![Write::SaveApp(Box::new(stranger))]).await, Err(StoreError::Stale)));

        let key = |id: &str, at, kind| {
            Write::InsertAppKey(Box::new(AppKey {
                key_id: id.to_owned(),
                app_id: first.app_id.clone(),
                kind,
                value: Secret::new(format!("secret {id}")),
                created_at: at,
                retires_at: None,
            }))
        };
        db.commit(vec![key("k1", 10, AppKeyKind::Api), key("w1", 10, AppKeyKind::Webhook)]).await.unwrap();
        let retire = Write::RetireAppKeys { app_id: first.app_id.clone(), kind: AppKeyKind::Api, retires_at: 500 };
        db.commit(vec![retire, key("k2", 20, AppKeyKind::Api)]).await.unwrap();
        let ids = |keys: Vec<AppKey>| keys.into_iter().map(|k| (k.key_id, k.value.expose().clone())).collect::<Vec<_>>();
        let pair = |id: &str| (id.to_owned(), format!("secret {id}"));
        let at_499 = ids(db.app_keys(&first.app_id, 499).await.unwrap());
        assert_eq!(at_499, [pair("k2"), pair("w1"), pair("k1")]);
        assert_eq!(ids(db.app_keys(&first.app_id, 500).await.unwrap()), [pair("k2"), pair("w1")]);
    })
    .await;
}

#[tokio::test]
async fn a_nonce_is_spent_once_per_app() {
    on_each(async |db| {
        let (one, other) = (app(db).await, app(db).await);
        let spend = |app: &crate::pay::App| {
            vec![Write::SpendNonce { app_id: app.app_id.clone(), nonce: "n-12345678".to_owned(), expires_at: 9 }]
        };
        db.commit(spend(&one)).await.unwrap();
        assert!(matches!(db.commit(spend(&one)).await, Err(StoreError::Taken(Unique::Nonce))));
        db.commit(spend(&other)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn channels_keep_every_version_of_their_credentials() {
    on_each(async |db| {
        let app = app(db).await;
        let mut record = channel(db, ChannelKind::Baidu, &[Method::BaiduMini], &[("app_key", "eins")]).await;
        let insert = |name: &str, app_id: Option<crate::model::AppId>| {
            let mut twin = record.clone();
            twin.channel_id = crate::model::ChannelId::parse(&World::system().id("ch")).unwrap();
            twin.name = name.to_owned();
            twin.app_id = app_id;
            vec![Write::InsertChannel { record: Box::new(twin), credentials: BTreeMap::new() }]
        };
        assert!(matches!(db.commit(insert(&record.name, None)).await, Err(StoreError::Taken(Unique::ChannelName))));
        db.commit(insert(&record.name, Some(app.app_id.clone()))).await.unwrap();

        record.version = 2;
        record.gateway_url = Some("http://127.0.0.1:3100".to_owned());
        record.ca_pem = Some("PEM".to_owned());
        record.updated_at += 1;
        let credentials = BTreeMap::from([("app_key".to_owned(), Secret::new("zwei".to_owned()))]);
        let save = |record: &crate::pay::ChannelRecord, credentials| {
            vec![Write::SaveChannel { record: Box::new(record.clone()), credentials }]
        };
        db.commit(save(&record, Some(credentials.clone()))).await.unwrap();
        assert!(matches!(db.commit(save(&record, Some(credentials))).await, Err(StoreError::Stale)), "somebody else made 2");
        record.enabled = false;
        db.commit(save(&record, None)).await.unwrap();
        assert_eq!(db.channel(&record.channel_id).await.unwrap(), Some(record.clone()));
        for (version, text) in [(1, "eins"), (2, "zwei")] {
            let account = db.channel_account(&record.channel_id, version).await.unwrap().unwrap();
            assert_eq!((account.version, account.credentials["app_key"].expose().as_str()), (version, text));
            assert_eq!(account.record, record);
        }
        assert!(db.channel_account(&record.channel_id, 3).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn an_app_sees_its_channels_in_its_own_order() {
    on_each(async |db| {
        let (app, other) = (app(db).await, app(db).await);
        let mut ids = Vec::new();
        for _ in 0..4 {
            ids.push(channel(db, ChannelKind::Alipay, &[Method::AlipayQr], &[]).await);
        }
        for (i, record) in ids.iter_mut().enumerate() {
            record.priority = i64::try_from(i).unwrap();
            record.app_id = (i == 3).then(|| other.app_id.clone());
            db.commit(vec![Write::SaveChannel { record: Box::new(record.clone()), credentials: None }]).await.unwrap();
        }
        let offer = |i: usize, offered, priority| {
            Write::SaveOffer(Offer { app_id: app.app_id.clone(), channel_id: ids[i].channel_id.clone(), offered, priority })
        };
        let seen = async |app: &crate::pay::App| {
            let all = db.channels_of_app(&app.app_id).await.unwrap();
            all.iter().map(|c| ids.iter().position(|i| i.channel_id == c.channel_id).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(seen(&app).await, [0, 1, 2]);
        assert_eq!(seen(&other).await, [0, 1, 2, 3]);
        db.commit(vec![offer(0, false, None), offer(2, true, Some(-1))]).await.unwrap();
        assert_eq!(seen(&app).await, [2, 1]);
        db.commit(vec![offer(0, true, Some(9))]).await.unwrap();
        assert_eq!(seen(&app).await, [2, 1, 0]);
        let priorities = db.channels_of_app(&app.app_id).await.unwrap().iter().map(|c| c.priority).collect::<Vec<_>>();
        assert_eq!(priorities, [-1, 1, 9], "the app's own word on them");
        assert_eq!(seen(&other).await, [0, 1, 2, 3]);
        assert_eq!(db.offers(&ids[0].channel_id).await.unwrap().len(), 1);
        assert_eq!(db.channels().await.unwrap().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn staff_and_failed_logins_are_counted() {
    on_each(async |db| {
        let mut person = Staff {
            staff_id: StaffId::parse(&World::system().id("staff")).unwrap(),
            name: "王芳".to_owned(),
            role: Role::Finance,
            password_hash: Secret::new("$argon2id$x".to_owned()),
            enabled: true,
            failed_logins: 0,
            locked_until: 0,
            created_at: 1,
            last_login_at: None,
        };
        db.commit(vec![Write::InsertStaff(Box::new(person.clone()))]).await.unwrap();
        let mut twin = person.clone();
        twin.staff_id = StaffId::parse(&World::system().id("staff")).unwrap();
        assert!(matches!(
            db.commit(vec![Write::InsertStaff(Box::new(twin.clone()))]).await,
            Err(StoreError::Taken(Unique::StaffName))
        ));
        let save =
            |staff: &Staff, was: &Staff| vec![Write::SaveStaff { staff: Box::new(staff.clone()), was: Box::new(was.clone()) }];
        assert!(matches!(db.commit(save(&twin, &twin)).await, Err(StoreError::Stale)));
        let first = person.clone();
        person.role = Role::Owner;
        person.failed_logins = 3;
        person.locked_until = 77;
        person.last_login_at = Some(5);
        person.password_hash = Secret::new("$argon2id$y".to_owned());
        db.commit(save(&person, &first)).await.unwrap();
        let stored = db.staff_by_name("王芳").await.unwrap().unwrap();
        assert_eq!((stored.role, stored.failed_logins, stored.locked_until, stored.last_login_at), (Role::Owner, 3, 77, Some(5)));
        assert_eq!(stored.password_hash.expose(), "$argon2id$y");
        assert_eq!(db.staff(&person.staff_id).await.unwrap().unwrap().name, person.name);
        assert_eq!(db.all_staff().await.unwrap().len(), 1);

        let fail = |at| Write::CountLoginFailure { address: "203.0.113.9".to_owned(), at };
        db.commit(vec![fail(10), fail(10), fail(20)]).await.unwrap();
        assert_eq!(db.login_failures("203.0.113.9", 10).await.unwrap(), 3);
        assert_eq!(db.login_failures("203.0.113.9", 11).await.unwrap(), 1);
        assert_eq!(db.login_failures("203.0.113.8", 0).await.unwrap(), 0);
    })
    .await;
}

/// `cashier admin reset-password` commits between somebody else's look at the person and that one's save.
#[tokio::test]
async fn a_save_from_an_older_look_does_not_bring_an_old_password_role_or_access_back() {
    on_each(async |db| {
        let person = Staff {
            staff_id: StaffId::parse(&World::system().id("staff")).unwrap(),
            name: "li".to_owned(),
            role: Role::Owner,
            password_hash: Secret::new("$argon2id$old".to_owned()),
            enabled: true,
            failed_logins: 4,
            locked_until: 0,
            created_at: 1,
            last_login_at: None,
        };
        db.commit(vec![Write::InsertStaff(Box::new(person.clone()))]).await.unwrap();
        let stored = async || db.staff(&person.staff_id).await.unwrap().unwrap();
        let save = async |staff: Staff, was: &Staff| {
            db.commit(vec![Write::SaveStaff { staff: Box::new(staff), was: Box::new(was.clone()) }]).await
        };
        let changes: [fn(&mut Staff); 4] = [
            |s| s.password_hash = Secret::new("$argon2id$new".to_owned()),
            |s| s.role = Role::Viewer,
            |s| s.enabled = false,
            |s| s.last_login_at = Some(7),
        ];
        for change in changes {
            let seen = stored().await;
            let mut changed = seen.clone();
            change(&mut changed);
            save(changed, &seen).await.unwrap();
            let failed = Staff { failed_logins: seen.failed_logins + 1, locked_until: 1000, ..seen.clone() };
            assert!(matches!(save(failed, &seen).await, Err(StoreError::Stale)));
        }
        let now = stored().await;
        assert_eq!((now.password_hash.expose().as_str(), now.role, now.enabled), ("$argon2id$new", Role::Viewer, false));
        assert_eq!((now.failed_logins, now.locked_until, now.last_login_at), (4, 0, Some(7)));
        // Who looks again may save.
        save(Staff { failed_logins: 5, ..now.clone() }, &now).await.unwrap();
        assert_eq!(stored().await.failed_logins, 5);
    })
    .await;
}
